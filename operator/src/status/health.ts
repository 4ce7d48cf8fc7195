import type { LiveDeployment } from '../rollout/gate.ts';

/** How long a Deployment may have fewer pods than it wants before that is a matter of health: pods come and go. */
export const GRACE_MS = 120_000;

/**
 * What is wrong with a Deployment that is not being rolled out; undefined when it serves. A pod that an autoscaler
 * has just asked for is no fault, and neither is one that is being replaced.
 */
export function ailment(live: LiveDeployment, now: number): string | undefined {
  const { name } = live.metadata;
  const desired = live.spec.replicas ?? 1;
  const available = live.status?.availableReplicas ?? 0;
  if (desired === 0) return undefined;
  const condition = (type: string) => live.status?.conditions?.find((candidate) => candidate.type === type);
  const progressing = condition('Progressing');
  if (progressing?.status === 'False') return `${name}: ${progressing.message ?? progressing.reason ?? 'no progress'}`;
  const numbers = `${available} of ${desired} pods are available`;
  if (available === 0) return `${name}: ${numbers}`;
  const since = Date.parse(condition('Available')?.lastTransitionTime ?? '');
  const lasting = condition('Available')?.status === 'False' && now - since > GRACE_MS;
  return lasting ? `${name}: ${numbers}` : undefined;
}
