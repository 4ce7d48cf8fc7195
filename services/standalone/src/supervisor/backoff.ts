const FIRST_DELAY_MS = 200;
const MAX_DELAY_MS = 5000;
/** A process that ran this long had started well: what ends it now is a new incident. */
const STABLE_AFTER_MS = 10_000;

export interface Backoff {
  /** Crashes in a row, this one included. */
  readonly crashes: number;
  readonly delayMs: number;
}

/**
 * How long to wait before a crashed process is started again: 0.2 s, doubled for each crash in a row up to 5 s.
 *
 * @param crashesBefore crashes in a row before this one
 * @param uptimeMs how long the process that crashed had run
 */
export function backoff(crashesBefore: number, uptimeMs: number): Backoff {
  const crashes = uptimeMs >= STABLE_AFTER_MS ? 1 : crashesBefore + 1;
  return { crashes, delayMs: Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * 2 ** (crashes - 1)) };
}
