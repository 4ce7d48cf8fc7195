/** What was seen of a Deployment, as far as a gate looks (apps/v1). */
export interface LiveDeployment {
  readonly metadata: {
    readonly name: string;
    readonly generation?: number;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly spec: {
    readonly replicas?: number;
    readonly template: {
      readonly metadata?: { readonly annotations?: Readonly<Record<string, string>> };
      readonly spec?: { readonly containers: readonly { readonly image?: string }[] };
    };
  };
  readonly status?: {
    readonly observedGeneration?: number;
    readonly replicas?: number;
    readonly updatedReplicas?: number;
    readonly readyReplicas?: number;
    readonly availableReplicas?: number;
    readonly conditions?: readonly LiveCondition[];
  };
}

export interface LiveCondition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
  readonly lastUpdateTime?: string;
  readonly lastTransitionTime?: string;
}

/** What was seen of a pod (v1). */
export interface LivePod {
  readonly metadata: {
    readonly name: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly deletionTimestamp?: string;
  };
  readonly status?: {
    readonly containerStatuses?: readonly {
      readonly name: string;
      readonly restartCount: number;
      readonly state?: { readonly waiting?: { readonly reason?: string; readonly message?: string } };
      readonly lastState?: { readonly terminated?: Terminated };
    }[];
  };
}

interface Terminated {
  readonly exitCode?: number;
  readonly reason?: string;
  readonly finishedAt?: string;
}

/** What was seen of a Job (batch/v1). */
export interface LiveJob {
  readonly metadata: { readonly name: string };
  readonly status?: {
    /** Pods that run; they have no readiness probe. */
    readonly ready?: number;
    /** Pods that ended without having done their work. */
    readonly failed?: number;
    readonly conditions?: readonly LiveCondition[];
  };
}

export type Gate =
  | { readonly state: 'Passed' }
  | { readonly state: 'Waiting' | 'Failed'; readonly reason: string; readonly message: string };

export const passed: Gate = { state: 'Passed' };
export const waiting = (reason: string, message: string): Gate => ({ state: 'Waiting', reason, message });
export const failed = (reason: string, message: string): Gate => ({ state: 'Failed', reason, message });

/** The verdict over several gates: one failure fails, and what is waited for first is named. */
export function together(gates: readonly Gate[]): Gate {
  return (
    gates.find(({ state }) => state === 'Failed') ??
    gates.find(({ state }) => state === 'Waiting') ?? { state: 'Passed' }
  );
}
