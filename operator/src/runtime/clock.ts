import { setTimeout as wait } from 'node:timers';

/** Time as the operator sees it; tests turn it by hand. */
export interface Clock {
  /** Monotonic milliseconds: what intervals and deadlines are measured with, whatever happens to the wall clock. */
  now(): number;
  /** The wall clock, only for stamps that people and other programs read. */
  date(): Date;
  /** Calls `run` once after `ms` milliseconds; what it returns takes that back. */
  schedule(ms: number, run: () => void): () => void;
}

/** The machine's own time. */
export const systemClock: Clock = {
  now: () => performance.now(),
  date: () => new Date(),
  schedule: (ms, run) => {
    const timer = wait(run, ms);
    return () => clearTimeout(timer);
  },
};

/** Resolves after `ms` milliseconds; rejects with the signal's reason when that aborts first. */
export function sleep(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason as Error);
      return;
    }
    const onAbort = (): void => {
      cancel();
      reject(signal?.reason as Error);
    };
    const cancel = clock.schedule(ms, () => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    });
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}
