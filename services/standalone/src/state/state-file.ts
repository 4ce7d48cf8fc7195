import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { processIdentity } from '../embedded/process/process-table.ts';
import type { State } from './state.ts';

/** Keeps the state file up to date: one write at a time, and only the latest state matters. */
export class StateWriter {
  readonly #path: string;
  #next: State | undefined;
  #writing: Promise<void> | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  write(state: State): void {
    this.#next = state;
    this.#writing ??= this.#drain().finally(() => {
      this.#writing = undefined;
    });
  }

  /** Waits until what was given last is on disk. */
  async settled(): Promise<void> {
    await this.#writing;
  }

  async remove(): Promise<void> {
    await this.settled();
    await rm(this.#path, { force: true });
  }

  async #drain(): Promise<void> {
    while (this.#next) {
      const text = JSON.stringify(this.#next, undefined, 2);
      this.#next = undefined;
      // Renamed into place, so that nobody reads half a file.
      await writeFile(`${this.#path}.new`, `${text}\n`, { mode: 0o600 });
      await rename(`${this.#path}.new`, this.#path);
    }
  }
}

/** The state of the last run; undefined when there is none. */
export async function readState(path: string): Promise<State | undefined> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  return text === undefined ? undefined : (JSON.parse(text) as State);
}

/** Whether the supervisor that wrote a state is still there, and not another process with its number. */
export function isRunning({ supervisor }: State): boolean {
  return processIdentity(supervisor.pid) === supervisor.identity;
}
