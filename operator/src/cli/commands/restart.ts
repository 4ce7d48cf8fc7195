import { isOwnedBy } from '../../apply/ownership.ts';
import type { StoredConfig } from '../../controllers/bundler-config.ts';
import { listAll, refOf, resources } from '../../kube/index.ts';
import type { KubeObject, Stored } from '../../kube/objects.ts';
import {
  type Arguments,
  type Command,
  type Context,
  FIELD_MANAGER,
  printJson,
  Trouble,
  UsageError,
} from '../command.ts';
import { readConfig } from '../platform.ts';

export const restart: Command = {
  usage: 'NAME [COMPONENT...]',
  summary: 'replace the pods of a platform, a few at a time',
  details: `A component is named as status names it, such as upload or workers-plan. Without one: all of them.
Each Deployment replaces its pods by its own strategy, as "kubectl rollout restart" would: a busy worker ends its jobs first. The
operator leaves the annotation alone that does it. Refused while the operator rolls out a revision, unless --force is given:
its health gates would take the pods of the restart for those of the revision.`,
  options: { force: { type: 'boolean' } },
  outputs: ['text', 'json'],
  run,
};

const COMPONENT = 'app.kubernetes.io/component';

async function run(context: Context, { positionals: [name, ...components], values }: Arguments) {
  if (name === undefined) throw new UsageError('restart needs the name of a BundlerConfig');
  const config = await readConfig(context, name);
  const updating = config.status?.revision?.updating;
  if (updating && values.force !== true) {
    throw new Trouble(
      `${name} is rolling out ${updating}; wait until it is done (kubectl bundler status ${name}), or add --force`,
    );
  }
  const chosen = choose(await deploymentsOf(context, config), components);
  const restartedAt = context.clock.date().toISOString();
  const patch = {
    spec: { template: { metadata: { annotations: { 'kubectl.kubernetes.io/restartedAt': restartedAt } } } },
  };
  for (const deployment of chosen) {
    await context.api.patch(refOf(deployment), patch, { fieldManager: FIELD_MANAGER });
    if (context.output !== 'json') context.terminal.out(`deployment/${deployment.metadata.name} restarts\n`);
  }
  if (context.output === 'json')
    printJson(context, { restartedAt, deployments: chosen.map(({ metadata }) => metadata.name) });
  return 0 as const;
}

async function deploymentsOf({ api, namespace }: Context, config: StoredConfig): Promise<Stored[]> {
  const labelSelector = `app.kubernetes.io/instance=${config.metadata.name}`;
  const { items } = await listAll(api, resources.deployments, { namespace, labelSelector });
  return items.filter((item) => isOwnedBy(item, config.metadata));
}

/** The Deployments of these components; all of them when none is named. @throws Trouble, UsageError */
export function choose<T extends KubeObject>(deployments: readonly T[], components: readonly string[]): T[] {
  if (deployments.length === 0) throw new Trouble('the platform has no Deployments yet');
  const nameOf = ({ metadata }: T): string => metadata.labels?.[COMPONENT] ?? '';
  const known = deployments.map(nameOf);
  const unknown = components.find((component) => !known.includes(component));
  if (unknown !== undefined) throw new UsageError(`no component is called "${unknown}"; there are ${known.join(', ')}`);
  return deployments.filter((one) => components.length === 0 || components.includes(nameOf(one)));
}
