import type { Condition } from './conditions.ts';

/** `BundlerConfig.status`. */
export interface BundlerConfigStatus {
  /** The generation of the spec that all this is about. */
  readonly observedGeneration?: number;
  readonly conditions?: readonly Condition[];
  readonly revision?: RevisionStatus;
  /** What `kubectl get` shows, which can print fields and not count. */
  readonly summary?: { readonly workers: string; readonly connections: string };
  /** The generation whose live settings the pods are given. */
  readonly liveGeneration?: number;
  /** Database connections: what the server has for the platform, and what all pods together could hold. */
  readonly connectionBudget?: ConnectionStatus;
  readonly components?: readonly ComponentStatus[];
  readonly workers?: readonly WorkerStatus[];
  readonly drift?: { readonly corrected: number; readonly last: string };
  /** What the spec would change; only under the dry-run annotation. */
  readonly plan?: PlanStatus;
}

export interface ConnectionStatus {
  readonly available: number;
  readonly possible: number;
  /** Those of the payment database, where there is one; what is available only where somebody says it. */
  readonly payment?: { readonly available?: number; readonly possible: number };
}

export interface RevisionStatus {
  /** What the upload API runs. */
  readonly current?: string;
  /** What the platform goes back to. */
  readonly lastGood?: string;
  /** What is being rolled out. */
  readonly updating?: string;
  /** Where the rollout is, and what it waits for. */
  readonly step?: string;
  /** The generation whose rollout failed; it is not tried again by itself. */
  readonly failedGeneration?: number;
}

export interface ComponentStatus {
  readonly name: string;
  readonly desired: number;
  readonly updated: number;
  readonly ready: number;
  readonly image: string;
}

export interface WorkerStatus {
  readonly queue: string;
  readonly desired: number;
  readonly ready: number;
  readonly scaling: ScalingState;
  /** Jobs that wait or run, as the autoscaler last saw them, rounded. */
  readonly backlog?: number;
}

/** Who decides how many pods a queue has, and how that goes. */
export type ScalingState = 'Fixed' | 'Active' | 'Idle' | 'Paused' | 'Fallback' | 'Failing' | 'Pending';

export interface PlanStatus {
  readonly generation: number;
  readonly adds: readonly string[];
  readonly changes: readonly string[];
  readonly deletes: readonly string[];
  readonly restarts: readonly { readonly deployment: string; readonly reasons: readonly string[] }[];
  readonly connectionBudget: ConnectionStatus;
  /** What keeps the spec from being accepted. */
  readonly problems: readonly string[];
}
