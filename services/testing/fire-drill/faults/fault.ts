import type { PlatformOptions } from '../../src/platform.ts';
import type { Stage, Traffic } from '../stage.ts';

export type AlertName = `Bundler${string}`;
/** Ends what a fault did. */
export type Undo = () => Promise<void>;

/** Something that goes wrong, and who must hear of it. */
export interface Fault {
  /** Also the name of the platform that it happens to. */
  readonly name: string;
  /** What is done, for people. */
  readonly what: string;
  readonly platform?: PlatformOptions;
  readonly traffic?: Traffic;
  /** Causes it, for real. */
  readonly cause: (stage: Stage) => Promise<Undo>;
  /** These must arrive while it lasts. */
  readonly alerts: readonly AlertName[];
  /** Critical ones that may arrive too, because the fault causes what they tell of. All others may not. */
  readonly companions?: readonly AlertName[];
  /** How long it lasts at most, minutes: longer than the last of its alerts takes. */
  readonly minutes: number;
  /** How long until all of its alerts are over, at most; 12, if nothing is said. */
  readonly recoveryMinutes?: number;
}
