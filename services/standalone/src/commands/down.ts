import { mkdir } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { dataPaths, type Options } from '../config/options.ts';
import { isRunning, readState } from '../state/index.ts';
import { endLeftovers } from '../supervise/replica-files.ts';
import type { Print } from './wait-ready.ts';

const LOOK_MS = 150;
const TELL_EVERY_MS = 3000;

/** Stops the platform in order and waits until it is gone. Its data stays. */
export async function down(options: Options, print: Print): Promise<void> {
  const paths = dataPaths(options.dataDir);
  await mkdir(paths.run, { recursive: true, mode: 0o700 });
  const state = await readState(paths.state);
  if (!state || !isRunning(state)) {
    for (const name of await endLeftovers(paths.run)) print(`Ended ${name}, left over from a run that crashed.`);
    print('The platform does not run.');
    return;
  }
  print('Stopping: requests and jobs in progress may finish');
  process.kill(state.supervisor.pid, 'SIGTERM');
  let lastTold = performance.now();
  while (isRunning(state)) {
    await delay(LOOK_MS);
    if (performance.now() - lastTold < TELL_EVERY_MS) continue;
    lastTold = performance.now();
    const names = (await readState(paths.state))?.processes.map(({ name }) => name) ?? [];
    print(`  waiting for ${names.join(', ') || 'the backing services'}`);
  }
  print(`Stopped. The data stays in ${options.dataDir}.`);
}
