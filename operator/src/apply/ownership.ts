import { bundlerConfigKind } from '@bundler/contract';
import type { KubeObject, OwnerReference } from '../kube/objects.ts';

/** Set to "true" on a BundlerConfig that is to take over objects which belong to nobody of ours. */
export const ADOPT_ANNOTATION = 'bundler.permaweb.dev/adopt';

const MANAGED_BY = 'app.kubernetes.io/managed-by';
const INSTANCE = 'app.kubernetes.io/instance';

/** The BundlerConfig that objects belong to. */
export interface Owner {
  readonly name: string;
  readonly namespace: string;
  readonly uid: string;
}

/**
 * The reference that makes an object go with its BundlerConfig. It does not block the owner's deletion: that would need
 * a right on its finalizers, and the finalizer says all that has to be said.
 */
export function ownerReference(owner: Owner): OwnerReference {
  return { ...bundlerConfigKind, name: owner.name, uid: owner.uid, controller: true };
}

/** A manifest as it is applied: with its owner. */
export function owned<T extends KubeObject>(manifest: T, owner: Owner): T {
  return { ...manifest, metadata: { ...manifest.metadata, ownerReferences: [ownerReference(owner)] } };
}

export const isOwnedBy = ({ metadata }: KubeObject, owner: Pick<Owner, 'uid'>): boolean =>
  metadata.ownerReferences?.some(({ uid, controller }) => controller === true && uid === owner.uid) ?? false;

/**
 * Why an object that is in the way of a manifest may not be written; undefined when it may. What a deleted BundlerConfig
 * of the same name left behind is taken back.
 */
export function objectionTo(live: KubeObject, owner: Owner): string | undefined {
  if (isOwnedBy(live, owner)) return undefined;
  const controller = live.metadata.ownerReferences?.find((reference) => reference.controller);
  if (controller) return `it belongs to ${controller.kind} ${controller.name}`;
  const { labels = {} } = live.metadata;
  const left = labels[MANAGED_BY] === 'bundler-operator' && labels[INSTANCE] === owner.name;
  return left ? undefined : 'it was made by somebody else';
}

/**
 * What makes an adopted object ours: the API server takes one controller only, so that of another has to go first.
 * @returns a merge patch; undefined when none is needed
 */
export function adoption(live: KubeObject): object | undefined {
  const { ownerReferences = [], resourceVersion } = live.metadata;
  if (!ownerReferences.some(({ controller }) => controller)) return undefined;
  const others = ownerReferences.map(({ controller: _, ...reference }) => reference);
  return { metadata: { resourceVersion, ownerReferences: others } };
}

/** The merge patch that lets an object outlive its BundlerConfig. */
export function release(live: KubeObject, owner: Pick<Owner, 'uid'>): object {
  const { ownerReferences = [], resourceVersion } = live.metadata;
  return { metadata: { resourceVersion, ownerReferences: ownerReferences.filter(({ uid }) => uid !== owner.uid) } };
}
