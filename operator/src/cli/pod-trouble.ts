import type { KubeObject } from '../kube/objects.ts';

/** A Pod of v1, as far as it says why it does not work. */
export interface Pod extends KubeObject {
  readonly status?: {
    readonly phase?: string;
    readonly reason?: string;
    readonly conditions?: readonly {
      readonly type: string;
      readonly status: string;
      readonly message?: string;
      readonly reason?: string;
    }[];
    readonly containerStatuses?: readonly ContainerStatus[];
    readonly initContainerStatuses?: readonly ContainerStatus[];
  };
}

interface ContainerStatus {
  readonly name: string;
  readonly ready?: boolean;
  readonly restartCount?: number;
  readonly state?: { readonly waiting?: { readonly reason?: string; readonly message?: string } };
  readonly lastState?: { readonly terminated?: { readonly exitCode: number; readonly reason?: string } };
}

/** Reasons to wait that pass by themselves. */
const PASSING = new Set(['ContainerCreating', 'PodInitializing']);

/** Why a pod does not work; undefined for one that does, or is about to. */
export function troubleOf({ metadata, status = {} }: Pod): string | undefined {
  if (metadata.deletionTimestamp !== undefined || status.phase === 'Succeeded') return undefined;
  const containers = [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])];
  const waiting = containers.find(({ state }) => state?.waiting && !PASSING.has(state.waiting.reason ?? ''));
  if (waiting)
    return [waiting.state?.waiting?.reason, exitOf(waiting), waiting.state?.waiting?.message]
      .filter(Boolean)
      .join(': ');
  if (status.phase === 'Failed') return status.reason ?? 'Failed';
  const condition = (type: string) => status.conditions?.find((one) => one.type === type && one.status === 'False');
  const unscheduled = condition('PodScheduled');
  if (unscheduled) return `${unscheduled.reason ?? 'Unschedulable'}: ${unscheduled.message ?? ''}`;
  return status.phase === 'Running' && condition('Ready')
    ? `NotReady: ${condition('Ready')?.message ?? ''}`.replace(/: $/, '')
    : undefined;
}

function exitOf({ lastState, restartCount = 0 }: ContainerStatus): string {
  const ended = lastState?.terminated;
  return ended ? `${ended.reason ?? 'ended'} with exit code ${ended.exitCode}, ${restartCount} restarts` : '';
}
