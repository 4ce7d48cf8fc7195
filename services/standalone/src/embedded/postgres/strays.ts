import { readFileSync, realpathSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { allPids, processLink } from '../process/process-table.ts';
import { waitUntil } from '../process/wait-until.ts';

/** Backends of a killed server notice its death at once, but finish what they are in the middle of. */
const BACKENDS_GONE_MS = 10_000;

/**
 * Clears the way for a start on this data directory (Linux; elsewhere PostgreSQL's own checks must do). Waits for
 * processes of a server that was killed, refuses while a server runs there, and removes a stale postmaster.pid: its pid
 * may by now be someone else's, and PostgreSQL would then refuse to start. Removing that file is safe only because no
 * process works in the directory any more.
 */
export async function clearStrays(dataDir: string): Promise<void> {
  const lockFile = join(dataDir, 'postmaster.pid');
  const postmaster = readPid(lockFile);
  if (process.platform !== 'linux' || postmaster === undefined) return;
  const strays = () => postgresIn(dataDir);
  if (strays().includes(postmaster) && !(await waitUntil(() => !strays().includes(postmaster), 1_000))) {
    throw new Error(
      `PostgreSQL already runs on ${dataDir} as pid ${postmaster}; stop it or use another data directory`,
    );
  }
  if (!(await waitUntil(() => strays().length === 0, BACKENDS_GONE_MS))) {
    throw new Error(`Processes of a killed PostgreSQL still work in ${dataDir}: pid ${strays().join(', ')}; end them`);
  }
  rmSync(lockFile, { force: true });
}

/** PostgreSQL's processes make the data directory their working directory. */
function postgresIn(dataDir: string): number[] {
  const place = realpathSync(dataDir);
  return allPids().filter(
    (pid) => processLink(pid, 'cwd') === place && basename(processLink(pid, 'exe') ?? '').startsWith('postgres'),
  );
}

/** The first line of postmaster.pid is the server's pid. */
function readPid(lockFile: string): number | undefined {
  try {
    return Number.parseInt(readFileSync(lockFile, 'utf8'), 10);
  } catch {
    return undefined;
  }
}
