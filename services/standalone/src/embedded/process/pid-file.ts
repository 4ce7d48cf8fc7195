import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { processIdentity } from './process-table.ts';
import { waitUntil } from './wait-until.ts';

/** Signals to end a process with, mildest first; after the last wait comes SIGKILL. */
export type StopStep = { readonly signal: NodeJS.Signals; readonly waitMs: number };

type PidRecord = {
  readonly pid: number;
  readonly identity: string;
  readonly launcherPid: number;
  readonly launcherIdentity: string;
};

/** What was found of an earlier run. */
export type Leftover = 'none' | 'ended';

/** Long enough for a process that was just sent SIGKILL to leave the process table. */
const DYING_MS = 2_000;

/** Records a child that was just started; synchronous so that no crash of ours can fall between the two. */
export function writePidFile(path: string, pid: number): void {
  const record = {
    pid,
    identity: processIdentity(pid) ?? '',
    launcherPid: process.pid,
    launcherIdentity: processIdentity(process.pid) ?? '',
  } satisfies PidRecord;
  writeFileSync(path, `${JSON.stringify(record)}\n`, { mode: 0o600 });
}

/** Takes back the record of `pid`; that of a successor stays. */
export function removePidFile(path: string, pid: number): void {
  if (readRecord(path)?.pid === pid) rmSync(path, { force: true });
}

/**
 * Ends the process an earlier launcher recorded in `path`, if that launcher died without doing so. A pid that meanwhile
 * belongs to another process is left alone. Throws when the launcher still lives: then the service is in use.
 */
export async function endLeftover(path: string, name: string, steps: readonly StopStep[]): Promise<Leftover> {
  const record = readRecord(path);
  if (record === undefined) return 'none';
  const alive = () => processIdentity(record.pid) === record.identity;
  if (processIdentity(record.launcherPid) === record.launcherIdentity) await refuseIfInUse(record, name, path, alive);
  const found = alive();
  for (const { signal, waitMs } of [...steps, { signal: 'SIGKILL', waitMs: DYING_MS } as const]) {
    if (!alive()) break;
    signalIfAlive(record.pid, signal);
    await waitUntil(() => !alive(), waitMs);
  }
  if (alive()) throw new Error(`${name} of an earlier run (pid ${record.pid}) cannot be ended; end it by hand`);
  rmSync(path, { force: true });
  return found ? 'ended' : 'none';
}

async function refuseIfInUse(record: PidRecord, name: string, path: string, alive: () => boolean): Promise<void> {
  if (await waitUntil(() => !alive(), DYING_MS)) return;
  throw new Error(
    `${name} is already running as pid ${record.pid}, started by pid ${record.launcherPid} (${path}); stop that one ` +
      'first or use another data directory',
  );
}

function signalIfAlive(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function readRecord(path: string): PidRecord | undefined {
  try {
    const value = JSON.parse(readFileSync(path, 'utf8')) as PidRecord;
    return Number.isInteger(value.pid) && value.pid > 1 && value.identity !== '' ? value : undefined;
  } catch {
    // Missing, or cut short by a crash: either way it names no process.
    return undefined;
  }
}
