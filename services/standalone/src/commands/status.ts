import { dataPaths, type Options } from '../config/options.ts';
import { isRunning, readState } from '../state/index.ts';
import { describeState } from '../state/table.ts';
import type { Print } from './wait-ready.ts';

/** Prints what runs. False when nothing does. */
export async function status(options: Options, print: Print): Promise<boolean> {
  const state = await readState(dataPaths(options.dataDir).state);
  if (state && isRunning(state)) {
    print(describeState(state));
    return true;
  }
  print(state ? 'The platform does not run; its last start or run ended unexpectedly.' : 'The platform does not run.');
  if (state?.failure) print(`${state.failure.part}: ${state.failure.message}`);
  return false;
}
