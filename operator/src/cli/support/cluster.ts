import type { StoredConfig } from '../../controllers/bundler-config.ts';
import { type KubeObject, listAll, type ResourceType, resources } from '../../kube/index.ts';
import type { Facts } from '../../render/index.ts';
import { render } from '../../render/index.ts';
import { configOf } from '../../rollout/accepted.ts';
import type { Context } from '../command.ts';
import { factsOf } from '../facts.ts';
import { readRevisions } from '../platform.ts';
import type { Pod } from '../pod-trouble.ts';
import { autoscalerFacts, type EventObject, eventFacts, podFacts, revisionFacts, workloadFacts } from './facts.ts';

/** Events that are told: the latest of them. */
const EVENTS = 500;

/** The label of everything that belongs to a platform. */
const selectorOf = (name: string): string => `app.kubernetes.io/instance=${name},app.kubernetes.io/part-of=bundler`;

type Where = Pick<Context, 'api' | 'namespace'>;

async function ofPlatform({ api, namespace }: Where, type: ResourceType, name: string): Promise<readonly KubeObject[]> {
  return (await listAll(api, type, { namespace, labelSelector: selectorOf(name) })).items;
}

/** Deployments, Jobs and autoscalers as they are. */
export async function actualWorkloads(where: Where, name: string): Promise<object> {
  const [deployments, jobs] = await Promise.all(
    [resources.deployments, resources.jobs].map((type) => ofPlatform(where, type, name)),
  );
  return [...(deployments ?? []), ...(jobs ?? [])].map(workloadFacts);
}

export async function autoscalers(where: Where, name: string): Promise<object> {
  const keda = await where.api.serves(resources.scaledObjects);
  const types = [resources.horizontalPodAutoscalers, ...(keda ? [resources.scaledObjects] : [])];
  const found = await Promise.all(types.map((type) => ofPlatform(where, type, name)));
  return found.flat().map(autoscalerFacts);
}

/** What the operator would render of the revision in force, in the form of the actual ones. */
export async function renderedWorkloads(where: Where, config: StoredConfig): Promise<object> {
  const { name, namespace = '', generation } = config.metadata;
  const revisions = await readRevisions(where, config);
  const current = revisions.find((one) => one.name === config.status?.revision?.current) ?? revisions[0];
  const runs = current && configOf(current.spec);
  if (!runs) throw new Error('no revision that this version of the plugin can render');
  const facts: Facts = { ...(await factsOf(where.api, { name, namespace, generation })), image: runs.image };
  return render(runs.config, facts)
    .filter(({ kind }) => kind === 'Deployment' || kind === 'Job')
    .map((manifest) => workloadFacts(manifest as KubeObject));
}

export async function revisions(where: Where, config: StoredConfig): Promise<object> {
  return (await readRevisions(where, config)).map(revisionFacts);
}

/** The pods of a platform, or of the operator. */
export async function podsOf({ api, namespace }: Where, labelSelector: string): Promise<readonly Pod[]> {
  return (await listAll<Pod>(api, resources.pods, { namespace, labelSelector })).items;
}

export const platformPods = (where: Where, name: string): Promise<readonly Pod[]> => podsOf(where, selectorOf(name));

export const podsFacts = (pods: readonly Pod[]): object => pods.map(podFacts);

/** The latest events about a platform: its objects begin with its name. */
export async function events({ api, namespace }: Where, name: string): Promise<object> {
  const { items } = await listAll<EventObject>(api, resources.events, { namespace });
  return items
    .filter(({ regarding }) => regarding?.name === name || regarding?.name?.startsWith(`${name}-`))
    .map(eventFacts)
    .toSorted((a, b) => a.at.localeCompare(b.at))
    .slice(-EVENTS);
}
