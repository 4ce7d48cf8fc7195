import { readdirSync, readFileSync } from 'node:fs';
import { setPriority } from 'node:os';

/** On a busy core a thread of this niceness gets a third of what one of niceness 0 gets: sched(7). */
const NICENESS = 5;
/** What Linux calls the threads of libuv's pool. */
const POOL_THREAD = 'libuv-worker';

/**
 * Lets the event loop go first. The pool's threads compute for milliseconds at a time, and on a busy machine each
 * request would wait behind them again and again, even one that is only to be told to come back. To be called once the
 * pool has its threads. Where threads have no priority of their own, nothing happens.
 *
 * @returns the number of threads that stand back
 */
export function favourEventLoop(): number {
  if (process.platform !== 'linux') return 0;
  let threads = 0;
  for (const id of readdirSync('/proc/self/task')) {
    if (!readFileSync(`/proc/self/task/${id}/comm`, 'latin1').startsWith(POOL_THREAD)) continue;
    setPriority(Number(id), NICENESS);
    threads += 1;
  }
  return threads;
}
