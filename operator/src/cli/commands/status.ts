import type { StoredConfig } from '../../controllers/bundler-config.ts';
import { listAll, resources } from '../../kube/index.ts';
import type { Condition } from '../../status/conditions.ts';
import type { BundlerConfigStatus } from '../../status/types.ts';
import type { Arguments, Command, Context } from '../command.ts';
import { printJson } from '../command.ts';
import { ifAllowed, readConfig, readConfigs } from '../platform.ts';
import { type Pod, troubleOf } from '../pod-trouble.ts';
import { type Paint, painter, table } from '../text.ts';

export const status: Command = {
  usage: '[NAME]',
  summary: 'what a platform is doing, and what is wrong with it',
  details: 'Without a name: every platform of the namespace. Exit code 1 when one of them is not Ready.',
  outputs: ['text', 'json'],
  run,
};

interface Sick {
  readonly pod: string;
  readonly reason: string;
}

interface Platform {
  readonly config: StoredConfig;
  /** undefined when the account may not see pods. */
  readonly sick: readonly Sick[] | undefined;
}

async function run(context: Context, { positionals: [name] }: Arguments) {
  const configs = name === undefined ? await readConfigs(context) : [await readConfig(context, name)];
  const platforms = await Promise.all(configs.map((config) => platformOf(context, config)));
  const { terminal, namespace } = context;
  if (context.output === 'json')
    printJson(
      context,
      platforms.map(({ config, sick }) => ({ ...summaryOf(config), sick })),
    );
  else if (platforms.length === 0) terminal.out(`no BundlerConfig in namespace "${namespace}"\n`);
  else terminal.out(`${platforms.map((one) => statusLines(one, painter(terminal.colours)).join('\n')).join('\n\n')}\n`);
  return platforms.every(({ config }) => isReady(config)) ? 0 : 1;
}

async function platformOf({ api, namespace }: Context, config: StoredConfig): Promise<Platform> {
  const labelSelector = `app.kubernetes.io/instance=${config.metadata.name},app.kubernetes.io/part-of=bundler`;
  const pods = await ifAllowed(listAll<Pod>(api, resources.pods, { namespace, labelSelector }));
  return {
    config,
    sick: pods?.items.flatMap((pod) => {
      const reason = troubleOf(pod);
      return reason === undefined ? [] : [{ pod: pod.metadata.name, reason }];
    }),
  };
}

const summaryOf = ({ metadata, status }: StoredConfig) => ({
  name: metadata.name,
  namespace: metadata.namespace,
  generation: metadata.generation,
  status,
});

function isReady({ status }: StoredConfig): boolean {
  return status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false;
}

/** A platform as a tree. */
export function statusLines({ config, sick }: Platform, paint: Paint): string[] {
  const { metadata, status = {} } = config;
  const title = `${metadata.namespace}/${metadata.name}  generation ${metadata.generation}${generationNote(config)}`;
  const parts: [string, string[]][] = [
    ['conditions', conditionLines(status.conditions ?? [], paint)],
    ['revision', revisionLines(status)],
    ['components', componentLines(status)],
    ['queues', queueLines(status)],
    ['pods in trouble', sickLines(sick, paint)],
    ['connections', connectionLines(status)],
    ['drift', status.drift ? [`${status.drift.corrected} corrected, last: ${status.drift.last}`] : []],
    ['live settings', status.liveGeneration === undefined ? [] : [`of generation ${status.liveGeneration}`]],
  ];
  const told = parts.filter(([, lines]) => lines.length > 0);
  if (status.conditions === undefined)
    return [title, '└─ the operator has said nothing yet: is it running? See: kubectl bundler doctor'];
  return [title, ...told.flatMap(([name, lines], index) => branch(name, lines, index === told.length - 1))];
}

function branch(name: string, lines: readonly string[], last: boolean): string[] {
  return [`${last ? '└─' : '├─'} ${name}`, ...lines.map((line) => `${last ? '  ' : '│ '}   ${line}`)];
}

function generationNote({ metadata, status }: StoredConfig): string {
  const seen = status?.observedGeneration;
  return seen === undefined || seen === metadata.generation ? '' : `, the operator is at ${seen}`;
}

/** Conditions whose truth is bad news. */
const BAD = new Set<Condition['type']>(['Stalled', 'RolledBack']);
/** Conditions whose truth is no news at all. */
const NEUTRAL = new Set<Condition['type']>(['Reconciling', 'Suspended']);

function conditionLines(conditions: readonly Condition[], paint: Paint): string[] {
  const rows = table(
    conditions.map(({ type, status, reason, message }) => [type, status, `${reason}${message && `: ${message}`}`]),
  );
  return rows.map((row, index) => {
    const { type, status } = conditions[index] as Condition;
    if (NEUTRAL.has(type)) return status === 'True' ? paint('odd', row) : row;
    if (status === 'Unknown') return paint('odd', row);
    return paint((status === 'True') === BAD.has(type) ? 'bad' : 'good', row);
  });
}

function revisionLines({ revision = {} }: BundlerConfigStatus): string[] {
  const { current, lastGood, updating, step, failedGeneration } = revision;
  const rows: [string, string | undefined][] = [
    ['current', current],
    ['last good', lastGood],
    ['updating to', updating],
    ['step', step],
    ['failed generation', failedGeneration?.toString()],
  ];
  return table(rows.flatMap(([name, value]) => (value ? [[name, value]] : [])));
}

function componentLines({ components = [] }: BundlerConfigStatus): string[] {
  return table(
    components.map(({ name, desired, ready, updated, image }) => [
      name,
      `${ready}/${desired} ready`,
      `${updated} updated`,
      image,
    ]),
  );
}

function queueLines({ workers = [] }: BundlerConfigStatus): string[] {
  return table(
    workers.map(({ queue, desired, ready, scaling, backlog }) => [
      queue,
      `${ready}/${desired} ready`,
      scaling,
      backlog === undefined ? '' : `backlog ${backlog}`,
    ]),
  );
}

function sickLines(sick: Platform['sick'], paint: Paint): string[] {
  if (sick === undefined) return ['not shown: this account may not list pods'];
  return table(sick.map(({ pod, reason }) => [pod, reason])).map((line) => paint('bad', line));
}

function connectionLines({ connectionBudget }: BundlerConfigStatus): string[] {
  if (!connectionBudget) return [];
  const { available, payment, possible } = connectionBudget;
  return [
    `${possible} possible of ${available} available`,
    ...(payment
      ? [
          `${payment.possible} possible of ${payment.available ?? 'an unknown number'} available to the payment database`,
        ]
      : []),
  ];
}
