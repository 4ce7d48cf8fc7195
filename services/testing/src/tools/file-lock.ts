import { open, rm, stat, utimes } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';

/** How often the holder says that it lives, and after how long a silent one counts as dead, milliseconds. */
const HEARTBEAT_MS = 5000;
const STALE_MS = 30_000;
const RETRY_MS = 500;

/**
 * Does the work while no other process does work under the same lock file. A holder that died leaves a file that is no
 * longer touched, and is passed over. Two that find the same dead one at the same moment may both go on: what is done
 * under the lock must be safe twice, the lock saves its cost.
 *
 * @param waiting told once when another holds the lock
 */
export async function withFileLock<Result>(
  path: string,
  waiting: () => void,
  work: () => Promise<Result>,
): Promise<Result> {
  await acquire(path, waiting);
  const heartbeat = setInterval(() => {
    const now = new Date();
    utimes(path, now, now).catch(() => undefined);
  }, HEARTBEAT_MS);
  try {
    return await work();
  } finally {
    clearInterval(heartbeat);
    await rm(path, { force: true });
  }
}

async function acquire(path: string, waiting: () => void): Promise<void> {
  for (let tries = 0; !(await create(path)); tries++) {
    if (await isStale(path)) {
      await rm(path, { force: true });
      continue;
    }
    if (tries === 0) waiting();
    await wait(RETRY_MS);
  }
}

async function create(path: string): Promise<boolean> {
  try {
    await (await open(path, 'wx')).close();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

async function isStale(path: string): Promise<boolean> {
  const file = await stat(path).catch(() => undefined);
  return file !== undefined && Date.now() - file.mtimeMs > STALE_MS;
}
