import { closeSync, existsSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';
import type { ChainEvent } from './events.ts';

/** An append-only file of events, one JSON text a line. */
export interface Journal {
  append(event: ChainEvent): void;
  close(): void;
}

/** What `openJournal` found. */
export interface OpenedJournal {
  readonly journal: Journal;
  readonly events: readonly ChainEvent[];
}

/**
 * Opens or creates the journal at `path` and reads it. A last line without its end is what a killed process leaves
 * behind: it is cut off. Writing is synchronous because a line is small and what was answered must be in the file; it
 * outlives the process, not a loss of power.
 *
 * @throws Error if a whole line is not JSON: the file was changed by something else.
 */
export function openJournal(path: string): OpenedJournal {
  const bytes = existsSync(path) ? readFileSync(path) : Buffer.alloc(0);
  const whole = bytes.lastIndexOf(10) + 1;
  const events = bytes.toString('utf8', 0, whole).split('\n').filter(Boolean).map(parseLine(path));
  const file = openSync(path, 'a');
  ftruncateSync(file, whole);
  let open = true;
  return {
    events,
    journal: {
      append: (event) => {
        // The number of a closed file is given to the next file opened: a late write would damage that one.
        if (!open) throw new Error(`${path} is closed: the gateway has been stopped`);
        writeSync(file, `${JSON.stringify(event)}\n`);
      },
      close: () => {
        open = false;
        closeSync(file);
      },
    },
  };
}

function parseLine(path: string): (line: string, index: number) => ChainEvent {
  return (line, index) => {
    try {
      return JSON.parse(line) as ChainEvent;
    } catch (cause) {
      throw new Error(`${path}: line ${index + 1} is not JSON; remove the data directory to start anew`, { cause });
    }
  };
}
