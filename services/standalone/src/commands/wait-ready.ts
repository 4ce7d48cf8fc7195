import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { dataPaths, type Options } from '../config/options.ts';
import { isReady, isRunning, readState, type State } from '../state/index.ts';
import { progressLines } from '../state/progress.ts';

export type Print = (line: string) => void;

const LOOK_MS = 150;
const LOG_LINES = 25;

export interface Wait {
  readonly supervisorLives: (state: State | undefined) => boolean;
  /** How often the configuration must have been read. */
  readonly readings: number;
  readonly timeoutMs: number;
}

/** Follows a start until everything is ready, printing each step. Throws with the failing part's last log lines. */
export async function waitUntilReady(
  options: Options,
  { supervisorLives, readings, timeoutMs }: Wait,
  print: Print,
): Promise<State> {
  const paths = dataPaths(options.dataDir);
  const deadline = performance.now() + timeoutMs;
  const shown = new Map<string, string>();
  for (;;) {
    const state = await readState(paths.state);
    if (state) printNews(state, shown, print);
    if (state?.failure) throw new Error(`${state.failure.part} could not be started: ${state.failure.message}`);
    if (state && state.readings >= readings && isRunning(state) && isReady(state)) return state;
    if (!supervisorLives(state)) throw new Error(`The supervisor ended.\n${await lastLines(paths.supervisorLog)}`);
    if (performance.now() > deadline) throw new Error(await lateText(state, timeoutMs, paths.logs));
    await delay(LOOK_MS);
  }
}

function printNews(state: State, shown: Map<string, string>, print: Print): void {
  for (const [name, line] of progressLines(state)) {
    if (shown.get(name) === line) continue;
    shown.set(name, line);
    print(`  ${name.padEnd(16)} ${line}`);
  }
}

async function lateText(state: State | undefined, timeoutMs: number, logs: string): Promise<string> {
  const late = state?.processes.find(({ phase }) => phase !== 'ready');
  const said = late ? `The last lines of ${late.name}:\n${await lastLines(join(logs, `${late.name}.log`))}` : '';
  return `Not everything was ready after ${timeoutMs / 1000} s; it goes on starting. See "make status".\n${said}`;
}

async function lastLines(path: string): Promise<string> {
  const text = await readFile(path, 'utf8').catch(() => '');
  const lines = text.trimEnd().split('\n').slice(-LOG_LINES);
  return lines.map((line) => `  | ${line}`).join('\n');
}
