import type { FieldSet, KubeObject, Stored } from '../kube/objects.ts';
import { FIELD_MANAGER } from './field-manager.ts';

/** A Deployment, as far as its number of pods goes. */
interface Scaled extends KubeObject {
  readonly spec?: { readonly replicas?: number };
}

/**
 * What has to be applied by another manager before a manifest without `replicas` is applied over a Deployment whose number
 * is ours: a field that nobody owns any more falls back to its default, which is one pod.
 *
 * @returns undefined when nothing would be lost
 */
export function handoffBefore(manifest: KubeObject, live: Stored | undefined): KubeObject | undefined {
  if (manifest.kind !== 'Deployment' || !live || replicasOf(manifest) !== undefined) return undefined;
  const ours = live.metadata.managedFields?.some(
    ({ manager, operation, fieldsV1 }) => manager === FIELD_MANAGER && operation === 'Apply' && ownsReplicas(fieldsV1),
  );
  if (!ours) return undefined;
  const { name, namespace } = manifest.metadata;
  const { apiVersion, kind } = manifest;
  const handed: Scaled = {
    apiVersion,
    kind,
    metadata: { name, ...(namespace && { namespace }) },
    spec: { replicas: replicasOf(live) ?? 1 },
  };
  return handed;
}

const replicasOf = (object: KubeObject): number | undefined => (object as Scaled).spec?.replicas;
const ownsReplicas = (fields: FieldSet | undefined): boolean => fields?.['f:spec']?.['f:replicas'] !== undefined;

/** What scales a workload (autoscaling/v2 and keda.sh/v1alpha1 name it in the same place). */
interface Scaler extends KubeObject {
  readonly spec?: { readonly scaleTargetRef?: { readonly name?: string } };
}

/** The scalers that have to go before a Deployment can have a fixed number of pods: two would fight over it. */
export function scalersInTheWay<T extends KubeObject>(manifest: KubeObject, scalers: readonly T[]): T[] {
  if (manifest.kind !== 'Deployment' || replicasOf(manifest) === undefined) return [];
  return scalers.filter((scaler) => (scaler as Scaler).spec?.scaleTargetRef?.name === manifest.metadata.name);
}
