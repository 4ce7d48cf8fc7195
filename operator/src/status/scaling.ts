import type { LiveCondition } from '../rollout/gate.ts';
import type { ScalingState } from './types.ts';

/** What is seen of a ScaledObject (keda.sh/v1alpha1). */
export interface LiveScaledObject {
  readonly metadata: {
    readonly name: string;
    readonly creationTimestamp?: string;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec?: { readonly scaleTargetRef?: { readonly name?: string } };
  readonly status?: { readonly conditions?: readonly LiveCondition[] };
}

/** What is seen of a HorizontalPodAutoscaler (autoscaling/v2). */
export interface LiveAutoscaler {
  readonly metadata: { readonly name: string };
  readonly spec?: { readonly scaleTargetRef?: { readonly name?: string } };
  readonly status?: {
    readonly currentReplicas?: number;
    readonly currentMetrics?: readonly {
      readonly external?: { readonly current?: { readonly averageValue?: string } };
    }[];
  };
}

/** How long KEDA may take to say something about a new ScaledObject. */
const SILENCE_MS = 60_000;

/** How a queue's autoscaling goes; `Failing` with the words of whoever knows why. */
export function scalingOf(
  scaled: LiveScaledObject | undefined,
  now: number,
): { state: ScalingState; problem?: string } {
  if (!scaled) return { state: 'Fixed' };
  const { name } = scaled.metadata;
  const condition = (type: string) => scaled.status?.conditions?.find((candidate) => candidate.type === type);
  const ready = condition('Ready');
  if (!ready) {
    const silent = now - Date.parse(scaled.metadata.creationTimestamp ?? '') > SILENCE_MS;
    return silent
      ? { state: 'Failing', problem: `KEDA says nothing about ScaledObject ${name}; is its operator running?` }
      : { state: 'Pending' };
  }
  if (condition('Paused')?.status === 'True') return { state: 'Paused' };
  if (condition('Fallback')?.status === 'True') {
    return { state: 'Fallback', problem: `${name}: KEDA cannot read the queue, so a fixed number of pods runs` };
  }
  if (ready.status === 'False') {
    return { state: 'Failing', problem: `${name}: ${ready.message ?? ready.reason ?? 'not ready'}` };
  }
  return { state: condition('Active')?.status === 'False' ? 'Idle' : 'Active' };
}

/** Jobs that the autoscaler of a queue last counted: its average times its pods. Two digits, so that it does not twitch. */
export function backlogOf(autoscaler: LiveAutoscaler | undefined): number | undefined {
  const average = autoscaler?.status?.currentMetrics?.[0]?.external?.current?.averageValue;
  const replicas = autoscaler?.status?.currentReplicas;
  const value = parseQuantity(average);
  return value === undefined || replicas === undefined ? undefined : twoDigits(value * replicas);
}

/** A metric's value as Kubernetes writes it: `12`, `1500m`, `2k`. */
function parseQuantity(text: string | undefined): number | undefined {
  const match = /^(\d+(?:\.\d+)?)(m|k|M)?$/.exec(text ?? '');
  if (!match) return undefined;
  return Number(match[1]) * (FACTORS[match[2] ?? ''] ?? 1);
}

const FACTORS: Readonly<Record<string, number>> = { m: 0.001, k: 1000, M: 1e6 };

function twoDigits(value: number): number {
  const step = 10 ** Math.max(0, Math.floor(Math.log10(Math.max(value, 1))) - 1);
  return Math.round(value / step) * step;
}
