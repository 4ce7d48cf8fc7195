import type { KubeObject, Stored } from '../kube/objects.ts';

/** Kinds in the order in which they go: whoever scales before what is scaled, or the last pods go twice. */
const ORDER = ['ScaledObject', 'HorizontalPodAutoscaler', 'TriggerAuthentication', 'Deployment'];

/** KEDA has a finalizer on its objects. When KEDA itself is gone nobody removes it, and nothing must wait for that. */
export const SCALER_PATIENCE_MS = 60_000;

const isScaler = ({ kind }: KubeObject): boolean => kind === 'ScaledObject' || kind === 'HorizontalPodAutoscaler';

export interface Pruning {
  /** To delete now, in this order. */
  readonly now: readonly Stored[];
  /** Scalers that are on their way out; what they scale waits for them. */
  readonly awaited: readonly Stored[];
}

/**
 * What to delete of the objects that a BundlerConfig owns.
 *
 * @param unwanted objects that no manifest names any more
 * @param now milliseconds since the epoch
 */
export function pruningOf(unwanted: readonly Stored[], now: number): Pruning {
  const scalers = unwanted.filter(isScaler);
  const awaited = scalers.filter(
    ({ metadata: { deletionTimestamp } }) =>
      deletionTimestamp === undefined || now - Date.parse(deletionTimestamp) < SCALER_PATIENCE_MS,
  );
  const ready = awaited.length > 0 ? scalers : unwanted;
  const standing = ready.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  return { now: standing.toSorted((a, b) => rank(a) - rank(b)), awaited };
}

const rank = ({ kind }: KubeObject): number => (ORDER.includes(kind) ? ORDER.indexOf(kind) : ORDER.length);
