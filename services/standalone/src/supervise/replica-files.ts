import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { endLeftover, removePidFile, writePidFile } from '../embedded/process/pid-file.ts';
import { LogFile } from '../supervisor/index.ts';

/** A log is kept up to twice this size: the file and the one before it. */
const MAX_LOG_BYTES = 10 * 1024 * 1024;
const STOP_STEPS = [{ signal: 'SIGTERM', waitMs: 15_000 }] as const;

export const openLog = (logs: string, name: string): LogFile => new LogFile(join(logs, `${name}.log`), MAX_LOG_BYTES);

/** Takes the lines of a service and puts them into its log. */
export function lineLog(logs: string, name: string): (line: string) => void {
  const file = openLog(logs, name);
  return (line) => void file.write(`${line}\n`);
}

/** The pid files of supervised processes. */
export function pidFiles(run: string) {
  const path = (name: string) => join(run, `${name}.pid`);
  return {
    recordPid: (name: string, pid: number) => writePidFile(path(name), pid),
    forgetPid: (name: string, pid: number) => removePidFile(path(name), pid),
  };
}

/** Ends what a supervisor that crashed has left running; the answer names it. */
export async function endLeftovers(run: string): Promise<string[]> {
  const names = (await readdir(run)).filter((name) => name.endsWith('.pid'));
  const ended = await Promise.all(
    names.map(async (file) => {
      const name = file.slice(0, -'.pid'.length);
      return (await endLeftover(join(run, file), name, STOP_STEPS)) === 'ended' ? [name] : [];
    }),
  );
  return ended.flat();
}
