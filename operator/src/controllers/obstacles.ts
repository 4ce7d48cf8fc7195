import { NotOurs } from '../apply/applier.ts';
import { Forbidden, Invalid, KubeError } from '../kube/errors.ts';
import { failed, type Gate } from '../rollout/gate.ts';
import type { Obstacle } from '../status/report.ts';

/** Why something could not be done, for conditions and events. */
export function obstacleOf(error: unknown): Obstacle {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof NotOurs) return { reason: 'NotOwned', message, terminal: true };
  if (error instanceof Invalid && error.immutableFields.length > 0) {
    return { reason: 'ImmutableField', message: `${message}; delete the object to have it made anew`, terminal: true };
  }
  if (error instanceof Forbidden) return { reason: 'Forbidden', message, terminal: true };
  if (!(error instanceof KubeError)) return { reason: 'InternalError', message, terminal: false };
  return { reason: error.terminal ? 'Refused' : 'Retrying', message, terminal: error.terminal };
}

/** Whether the other objects can be brought on all the same: this one fails again until somebody does something. */
export const isStanding = (error: unknown): boolean => obstacleOf(error).terminal;

/** What the API server will never take as it is, as the verdict over a rollout; what others can clear away is none. */
export function refusalOf(obstacle: Obstacle | undefined): Gate | undefined {
  const isRefusal = obstacle?.reason === 'Refused' || obstacle?.reason === 'ImmutableField';
  return isRefusal ? failed(obstacle.reason, obstacle.message) : undefined;
}
