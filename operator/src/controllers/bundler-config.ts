import type { KubeObject, Stored } from '../kube/objects.ts';
import type { BundlerConfigStatus } from '../status/types.ts';

/** The custom resource, as the API server keeps it. */
export interface BundlerConfig extends KubeObject {
  readonly spec?: unknown;
  readonly status?: BundlerConfigStatus;
}
export type StoredConfig = Stored<BundlerConfig>;

/** Another value asks for another try at a rollout that failed. */
export const RETRY_ANNOTATION = 'bundler.permaweb.dev/retry';
/** "true": show in status what the spec would change, and change nothing. */
export const DRY_RUN_ANNOTATION = 'bundler.permaweb.dev/dry-run';

export const annotation = ({ metadata }: KubeObject, name: string): string => metadata.annotations?.[name] ?? '';
export const isOn = (config: KubeObject, name: string): boolean => annotation(config, name) === 'true';
