import {
  type ConnectionUse,
  connectionBudget,
  isOverBudget,
  operatorSettings,
  paymentConnectionBudget,
  readSpec,
} from '@bundler/contract';
import { missingSecrets, type Secret, secretReferences } from '../../apply/secrets.ts';
import type { StoredConfig } from '../../controllers/bundler-config.ts';
import { Forbidden, type KubeObject, orUndefined, resources } from '../../kube/index.ts';
import type { Lease } from '../../kube/lease-record.ts';
import type { ResourceType } from '../../kube/resources.ts';
import { render } from '../../render/index.ts';
import { type Arguments, type Command, type Context, printJson } from '../command.ts';
import type { Check } from '../doctor/check.ts';
import { examineCrd } from '../doctor/crd.ts';
import { examineKeda } from '../doctor/keda.ts';
import { examinePolicies } from '../doctor/policies.ts';
import { factsOf } from '../facts.ts';
import { PAYMENT_CONNECTIONS } from '../plan-text.ts';
import { readConfig, readConfigs } from '../platform.ts';
import { painter, table } from '../text.ts';

export const doctor: Command = {
  usage: '[NAME]',
  summary: 'whether the cluster, the operator and a platform have what they need',
  details: `      --operator-namespace NS   where the operator runs, for its Lease; default: the namespace of -n
      --lease NAME              the Lease that the operator holds; default: ${operatorSettings.leaseName.default}

Without a name: every platform of the namespace. Exit code 1 when a line says fail.`,
  options: {
    'operator-namespace': { type: 'string' },
    lease: { type: 'string', default: operatorSettings.leaseName.default },
  },
  outputs: ['text', 'json'],
  run,
};

type Examination = () => Promise<Check[]>;

async function run(context: Context, { positionals: [name], values }: Arguments) {
  const leaseAt = { namespace: String(values['operator-namespace'] ?? context.namespace), name: String(values.lease) };
  const cluster: [string, Examination][] = [
    ['Kubernetes', () => kubernetes(context)],
    ['CRD', () => examineCrd(context.api)],
    ['policies', () => examinePolicies(context.api)],
    ['operator', () => operator(context, leaseAt)],
    ['rights', () => rights(context)],
    ['KEDA', () => examineKeda(context.api)],
    ['other APIs', () => optionalApis(context)],
  ];
  const found = await Promise.all(cluster.map(([about, examine]) => examined(about, examine)));
  const platforms = await examined('platform', async () => {
    const configs = name === undefined ? await readConfigs(context) : [await readConfig(context, name)];
    if (configs.length === 0)
      return [{ level: 'warn', about: 'platform', message: `no BundlerConfig in namespace "${context.namespace}"` }];
    return (
      await Promise.all(configs.map((config) => examined(config.metadata.name, () => platform(context, config))))
    ).flat();
  });
  const checks = [...found.flat(), ...platforms];
  if (context.output === 'json') printJson(context, checks);
  else context.terminal.out(`${checkLines(checks, context.terminal.colours).join('\n')}\n`);
  return checks.some(({ level }) => level === 'fail') ? 1 : 0;
}

/** What cannot be looked at is told, and the others are looked at all the same. */
async function examined(about: string, examine: Examination): Promise<Check[]> {
  try {
    return await examine();
  } catch (error) {
    const level = error instanceof Forbidden ? 'warn' : 'fail';
    return [{ level, about, message: `could not be looked at: ${(error as Error).message}` }];
  }
}

function checkLines(checks: readonly Check[], colours: boolean): string[] {
  const paint = painter(colours);
  const tones = { ok: 'good', warn: 'odd', fail: 'bad' } as const;
  const rows = table(checks.map(({ level, about, message }) => [level, about, message]));
  return rows.map((row, index) => paint(tones[checks[index]?.level ?? 'ok'], row));
}

/** ValidatingAdmissionPolicy is stable from here on. */
const OLDEST_MINOR = 30;

async function kubernetes({ transport }: Context): Promise<Check[]> {
  const { major, minor, gitVersion } = (await transport.json({ method: 'GET', path: '/version' })) as Record<
    string,
    string
  >;
  const old = major === '1' && Number.parseInt(minor ?? '', 10) < OLDEST_MINOR;
  const message = old ? `${gitVersion} is older than 1.${OLDEST_MINOR}: upgrade the cluster` : `${gitVersion}`;
  return [{ level: old ? 'fail' : 'ok', about: 'Kubernetes', message }];
}

async function operator(
  { api, clock }: Context,
  { namespace, name }: { namespace: string; name: string },
): Promise<Check[]> {
  const lease = await orUndefined(api.get<Lease>({ type: resources.leases, namespace, name }));
  return [leaseCheck(lease?.spec, `Lease ${namespace}/${name}`, clock.date())];
}

/** Whether somebody leads, by the Lease. Clocks of different machines are compared: a few seconds mean nothing. */
export function leaseCheck(spec: Lease['spec'], what: string, now: Date): Check {
  const about = 'operator';
  if (spec === undefined)
    return {
      level: 'fail',
      about,
      message: `${what} does not exist: start the operator, or say where it runs with --operator-namespace`,
    };
  const { holderIdentity = '', renewTime = '', leaseDurationSeconds = 15 } = spec;
  if (holderIdentity === '')
    return { level: 'fail', about, message: `nobody holds ${what}: see the operator's pods and their log` };
  const age = Math.round((now.getTime() - Date.parse(renewTime)) / 1000);
  const stale = !(age <= leaseDurationSeconds);
  const renewed = `${holderIdentity} renewed ${what} ${age} s ago`;
  return stale
    ? {
        level: 'fail',
        about,
        message: `${renewed}, more than its ${leaseDurationSeconds} s: see the operator's pods and their log`,
      }
    : { level: 'ok', about, message: renewed };
}

const wantedRights: readonly [ResourceType, string, string][] = [
  [resources.bundlerConfigs, 'get', 'everything'],
  [resources.bundlerConfigs, 'patch', 'pause, resume, rollback'],
  [resources.bundlerConfigs, 'update', "the API server's verdict in plan"],
  [resources.controllerRevisions, 'list', 'plan, rollback'],
  [resources.deployments, 'list', 'restart'],
  [resources.deployments, 'patch', 'restart'],
  [resources.pods, 'list', 'status'],
  [resources.secrets, 'create', 'keygen --apply'],
];

async function rights({ transport, namespace }: Context): Promise<Check[]> {
  const answers = await Promise.all(
    wantedRights.map(async ([{ group, plural }, verb, why]) => {
      const body = {
        apiVersion: 'authorization.k8s.io/v1',
        kind: 'SelfSubjectAccessReview',
        spec: { resourceAttributes: { namespace, group, resource: plural, verb } },
      };
      const path = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';
      const answer = (await transport.json({ method: 'POST', path, body })) as { status?: { allowed?: boolean } };
      return answer.status?.allowed === true ? undefined : `${verb} ${plural} (${why})`;
    }),
  );
  const missing = answers.filter((answer) => answer !== undefined);
  if (missing.length === 0)
    return [{ level: 'ok', about: 'rights', message: 'this account may do all that the plugin does' }];
  return [{ level: 'warn', about: 'rights', message: `this account may not: ${missing.join('; ')}` }];
}

async function optionalApis({ api }: Context): Promise<Check[]> {
  const metrics = { group: 'metrics.k8s.io', version: 'v1beta1', plural: 'pods', kind: 'PodMetrics', namespaced: true };
  const wanted: [string, ResourceType, string][] = [
    ['metrics-server', metrics, 'the HPA of the upload API has no CPU to go by; install it'],
    ['PodMonitor', resources.podMonitors, 'no Prometheus operator: nothing tells Prometheus about the pods'],
  ];
  return Promise.all(
    wanted.map(async ([about, type, otherwise]): Promise<Check> => {
      const there = await api.serves(type);
      return {
        level: there ? 'ok' : 'warn',
        about,
        message: there ? `${type.group}/${type.version} is served` : `absent: ${otherwise}`,
      };
    }),
  );
}

async function platform(context: Context, config: StoredConfig): Promise<Check[]> {
  const { name } = config.metadata;
  const { config: read, violations } = readSpec(config.spec, 'cluster');
  const invalid = violations.map(
    ({ setting, message }): Check => ({ level: 'fail', about: name, message: `${setting} ${message}` }),
  );
  const payment = paymentConnectionBudget(read);
  const fits = [
    fitsCheck(name, 'database connections', connectionBudget(read)),
    ...(payment ? [fitsCheck(name, PAYMENT_CONNECTIONS, payment)] : []),
  ];
  const facts = await factsOf(context.api, { name, namespace: context.namespace });
  const manifests = violations.length === 0 ? render(read, { ...facts, image: '' }) : [];
  return [
    ...invalid,
    ...fits,
    ...(await examined(name, () => secrets(context, name, manifests as readonly KubeObject[]))),
    ...conditions(config),
  ];
}

function fitsCheck(about: string, what: string, budget: ConnectionUse): Check {
  const { available = 'an unknown number of', possible } = budget;
  return {
    level: isOverBudget(budget) ? 'fail' : 'ok',
    about,
    message: `${possible} of ${available} ${what} possible`,
  };
}

async function secrets({ api, namespace }: Context, about: string, manifests: readonly KubeObject[]): Promise<Check[]> {
  const references = secretReferences(manifests);
  const names = [...new Set(references.map(({ name }) => name))];
  const found = await Promise.all(
    names.map((name) => orUndefined(api.get<Secret>({ type: resources.secrets, namespace, name }))),
  );
  const missing = missingSecrets(references, new Map(names.map((name, index) => [name, found[index]])));
  if (missing.length === 0)
    return [
      { level: 'ok', about, message: `Secrets with the keys that pods need: ${names.join(', ') || 'none needed'}` },
    ];
  return missing.map((what) => ({
    level: 'fail',
    about,
    message: `Secret ${what} does not exist: create it (kubectl bundler keygen makes wallets)`,
  }));
}

function conditions({ metadata, status }: StoredConfig): Check[] {
  const about = metadata.name;
  const said = status?.conditions ?? [];
  if (said.length === 0)
    return [{ level: 'fail', about, message: 'the operator has said nothing about it: does it watch this namespace?' }];
  const problems = said.flatMap(({ type, status, reason, message }): Check[] => {
    const bad =
      type === 'Stalled' || type === 'RolledBack'
        ? status === 'True'
        : ['Ready', 'ConfigValid', 'DatabaseBudgetOK'].includes(type) && status !== 'True';
    const level = type === 'RolledBack' ? 'warn' : 'fail';
    return bad ? [{ level, about, message: `${type}=${status} ${reason}: ${message}` }] : [];
  });
  return problems.length > 0 ? problems : [{ level: 'ok', about, message: 'conditions say that it is well' }];
}
