import type { Violation } from '@bundler/contract';
import type { Gate } from '../rollout/gate.ts';
import type { Course } from '../rollout/machine.ts';
import type { ConnectionStatus, PlanStatus } from './types.ts';

/** What the reconciler found and did when it last looked at a BundlerConfig: all that status cannot see for itself. */
export interface Report {
  /** The generation of the spec that was looked at. */
  readonly generation: number;
  /** Nothing was done, because the spec says so. */
  readonly suspended: boolean;
  /** Nothing was done, because an annotation asks for a plan. */
  readonly plan: PlanStatus | undefined;
  /** What is wrong with the spec; empty when it was accepted. */
  readonly violations: readonly Violation[];
  /** Secrets, or keys of them, that the spec refers to and that do not exist: `name` or `name/key`. */
  readonly missingSecrets: readonly string[];
  readonly connectionBudget: ConnectionStatus;
  readonly course: Course | undefined;
  readonly lastGood: string | undefined;
  /** What the wave on its way waits for. */
  readonly gate: Gate;
  readonly autoscaling: {
    /** Whether any worker is to be scaled by its queue. */
    readonly wanted: boolean;
    readonly kedaInstalled: boolean;
  };
  readonly liveGeneration: number | undefined;
  /** Why something could not be done. */
  readonly obstacle: Obstacle | undefined;
  readonly drift: { readonly corrected: number; readonly last: string } | undefined;
}

export interface Obstacle {
  readonly reason: string;
  readonly message: string;
  /** False when it may go away by itself. */
  readonly terminal: boolean;
}
