import { setTimeout as wait } from 'node:timers/promises';

const PAUSE_MS = 500;

/**
 * Looks again and again until `look` returns something, for at most so many seconds.
 *
 * @param look undefined means "not yet"; so does a throw, whose message is told if the time runs out
 * @throws Error that names what was waited for
 */
export async function until<T>(what: string, seconds: number, look: () => Promise<T | undefined | false>): Promise<T> {
  const deadline = performance.now() + seconds * 1000;
  let last = '';
  for (;;) {
    try {
      const found = await look();
      if (found !== undefined && found !== false) return found;
    } catch (error) {
      last = `; the last look failed: ${(error as Error).message}`;
    }
    if (performance.now() > deadline) throw new Error(`${what}: not within ${seconds} s${last}`);
    await wait(PAUSE_MS);
  }
}
