import { dataPaths, type Options } from '../config/options.ts';
import { isRunning, readState, type State } from '../state/index.ts';
import { describeState } from '../state/table.ts';
import type { Print } from './wait-ready.ts';

/** How long a process may take to say which settings it obeys, milliseconds. */
const ASK_MS = 1000;

/** Prints what runs. False when nothing does. */
export async function status(options: Options, print: Print): Promise<boolean> {
  const state = await readState(dataPaths(options.dataDir).state);
  if (state && isRunning(state)) {
    print(describeState(state, await obeyed(state)));
    return true;
  }
  print(state ? 'The platform does not run; its last start or run ended unexpectedly.' : 'The platform does not run.');
  if (state?.failure) print(`${state.failure.part}: ${state.failure.message}`);
  return false;
}

/** The configuration whose live settings each process obeys, by its name; absent for one that does not answer. */
async function obeyed({ processes }: State): Promise<Map<string, number>> {
  const answers = await Promise.all(
    processes.map(async ({ name, adminPort }): Promise<[string, number][]> => {
      try {
        const signal = AbortSignal.timeout(ASK_MS);
        const answer = await fetch(`http://127.0.0.1:${adminPort}/settings`, { signal });
        return [[name, ((await answer.json()) as { generation: number }).generation]];
      } catch {
        return [];
      }
    }),
  );
  return new Map(answers.flat());
}
