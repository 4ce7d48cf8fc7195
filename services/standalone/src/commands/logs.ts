import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { dataPaths, type Options } from '../config/options.ts';

const LINES_OF_ALL = 20;
const LINES_OF_ONE = 200;

/** Shows the last lines of all logs, or of those whose name starts with `name`; at a terminal it goes on following. */
export async function logs(options: Options, name: string | undefined, follow: boolean): Promise<void> {
  const directory = dataPaths(options.dataDir).logs;
  const all = (await readdir(directory).catch(() => [])).filter((file) => file.endsWith('.log')).sort();
  const chosen = all.filter((file) => file.startsWith(name ?? ''));
  if (chosen.length === 0) {
    const known = all.map((file) => file.slice(0, -'.log'.length)).join(', ');
    throw new Error(`No log is named ${name ?? 'anything'} in ${directory}${known ? `; there are ${known}` : ''}`);
  }
  const lines = String(name === undefined ? LINES_OF_ALL : LINES_OF_ONE);
  const files = chosen.map((file) => join(directory, file));
  const tail = spawn('tail', ['-n', lines, ...(follow ? ['-F'] : []), ...files], { stdio: 'inherit' });
  await once(tail, 'exit');
}
