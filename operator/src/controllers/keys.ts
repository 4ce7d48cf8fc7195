import { resources } from '../kube/resources.ts';
import type { Change } from '../kube/store.ts';
import type { StoredConfig } from './bundler-config.ts';

/** What a change asks for. */
export interface Wake {
  /** `namespace/name` of the BundlerConfig. */
  readonly key: string;
  /** False where only numbers moved, which status tells and nothing is done about. */
  readonly reconcile: boolean;
}

/** Which BundlerConfig a change concerns; undefined for one that is none of ours. */
export function wakeOf(change: Change): Wake | undefined {
  const { object } = change;
  if (object.kind === resources.bundlerConfigs.kind) return { key: change.key, reconcile: asksForWork(change) };
  const instance = object.metadata.labels?.['app.kubernetes.io/instance'];
  if (instance === undefined || object.metadata.namespace === undefined) return undefined;
  return { key: `${object.metadata.namespace}/${instance}`, reconcile: true };
}

/** Our own writes of status come back as changes too; to work on them would never end. */
function asksForWork({ type, object, old }: Change): boolean {
  if (type !== 'Modified' || !old) return true;
  return JSON.stringify(askedBy(object as StoredConfig)) !== JSON.stringify(askedBy(old as StoredConfig));
}

const askedBy = ({ metadata, spec }: StoredConfig) => [
  metadata.generation,
  metadata.annotations,
  metadata.deletionTimestamp,
  metadata.finalizers,
  spec,
];
