import type { ParseArgsOptionsConfig } from 'node:util';
import type { KubeApi } from '../kube/index.ts';
import type { Transport } from '../kube/transport.ts';
import type { Clock } from '../runtime/clock.ts';

/** Who writes what this plugin writes: managedFields and drift events name it. */
export const FIELD_MANAGER = 'kubectl-bundler';

/** 0: fine; 1: trouble, with what was asked about or with asking; 2: the command line makes no sense. */
export type ExitCode = 0 | 1 | 2;

/** The command line makes no sense; the message says what would. */
export class UsageError extends Error {}

/** It cannot be done, for a reason that the message gives in full. */
export class Trouble extends Error {}

/** The person, or the program, that started the plugin. */
export interface Terminal {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** Somebody reads the output as it is written. */
  readonly isTty: boolean;
  /** Colours are shown as such, and wanted. */
  readonly colours: boolean;
  /** Answers a question; undefined when nobody is there to ask. */
  readonly ask: ((question: string) => Promise<string>) | undefined;
  /** The text of a file, or of the standard input for `-`. */
  readonly read: (path: string) => Promise<string>;
  /** Writes a file that only this person may read. @throws when there is one already */
  readonly save: (path: string, bytes: Uint8Array) => Promise<void>;
}

/** What a command works with. */
export interface Context {
  /** Of the plugin. */
  readonly version: string;
  readonly api: KubeApi;
  readonly transport: Pick<Transport, 'json' | 'text'>;
  readonly namespace: string;
  readonly terminal: Terminal;
  readonly clock: Clock;
  /** The form that `-o` asks for. */
  readonly output: string;
}

export interface Arguments {
  readonly positionals: readonly string[];
  readonly values: Readonly<Record<string, string | boolean | readonly (string | boolean)[] | undefined>>;
}

export interface Command {
  /** What stands after the command's name. */
  readonly usage: string;
  readonly summary: string;
  /** More about it, and its own options. */
  readonly details: string;
  readonly options?: ParseArgsOptionsConfig;
  /** Most words that it takes, where they are not as many as somebody likes; 1 unless said otherwise. */
  readonly words?: number;
  /** Whether it is of use without a cluster; what it asks of one then fails. */
  readonly worksAlone?: true;
  /** Forms that `-o` takes. */
  readonly outputs: readonly string[];
  /** Whether a command line asks for nothing that is in a cluster: it then needs none. */
  readonly alone?: (args: Arguments) => boolean;
  readonly run: (context: Context, args: Arguments) => Promise<ExitCode>;
}

/** Asks whether to go on. @throws UsageError when nobody is there to ask, Trouble when they do not want it */
export async function confirm({ terminal }: Pick<Context, 'terminal'>): Promise<void> {
  if (!terminal.ask) throw new UsageError('nobody is there to ask: add --yes');
  const answer = await terminal.ask('Do it? [y/N] ');
  if (!/^y(es)?$/i.test(answer.trim())) throw new Trouble('nothing was changed');
}

/** Prints a value as `-o json` does. */
export function printJson({ terminal }: Context, value: unknown): void {
  terminal.out(`${JSON.stringify(value, null, 2)}\n`);
}
