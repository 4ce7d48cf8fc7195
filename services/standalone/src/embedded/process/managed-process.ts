import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { type Command, type Credentials, startFailure } from './command.ts';
import { removePidFile, type StopStep, writePidFile } from './pid-file.ts';
import { waitUntil } from './wait-until.ts';

export type Exit = { readonly code: number | null; readonly signal: NodeJS.Signals | null; readonly error?: Error };

export type ManagedProcessOptions = {
  /** How messages call it, e.g. `PostgreSQL`. */
  readonly name: string;
  readonly command: Command;
  readonly credentials?: Credentials | undefined;
  readonly cwd?: string;
  /** Where to record the pid, so that a later start can end what a crash left over. */
  readonly pidFile: string;
  /** Whether it serves. False: ask again soon. A rejection ends the start at once. */
  readonly ready: () => Promise<boolean>;
  readonly readyTimeoutMs: number;
  readonly stopSteps: readonly StopStep[];
  /** Receives each line of its standard output and error. */
  readonly log?: ((line: string) => void) | undefined;
};

export type ManagedProcess = {
  readonly pid: number;
  /** Settles when the process is gone, whoever ended it; never rejects. */
  readonly exited: Promise<Exit>;
  /** Ends it in order, then harder; returns when it is gone. May be called any number of times. */
  stop(): Promise<void>;
  /** SIGKILL, as a crash would be; wait for `exited` to know that it is gone. */
  kill9(): void;
};

const LOG_TAIL_LINES = 20;
const LAST_LINES_MS = 300;

/**
 * Starts a server and waits until it serves. Throws with its last log lines when it ends, cannot be started, or is not
 * ready in time; nothing is left running then.
 */
export async function startProcess(options: ManagedProcessOptions): Promise<ManagedProcess> {
  const { file, args } = options.command;
  const child = spawn(file, args, {
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...options.credentials,
    stdio: ['ignore', 'pipe', 'pipe'],
    // A session of its own: Ctrl-C in a terminal must reach the supervisor only, which stops the servers last.
    detached: true,
  });
  const exited = whenGone(child, options.pidFile);
  const tail = followLog(child, options.log);
  const managed = manage(child, exited, options.stopSteps);
  try {
    if (child.pid !== undefined) writePidFile(options.pidFile, child.pid);
    await untilReady(options, exited);
  } catch (error) {
    await managed.stop();
    await Promise.race([tail.ended, delay(LAST_LINES_MS)]);
    throw new Error([(error as Error).message, ...tail.lines].join('\n  '), { cause: error });
  }
  return managed;
}

function manage(child: ChildProcess, exited: Promise<Exit>, steps: readonly StopStep[]): ManagedProcess {
  const gone = async (withinMs: number) =>
    Promise.race([exited.then(() => true), delay(withinMs, false, { ref: false })]);
  const end = async () => {
    for (const { signal, waitMs } of steps) {
      child.kill(signal);
      if (await gone(waitMs)) return;
    }
    child.kill('SIGKILL');
    await exited;
  };
  let stopping: Promise<void> | undefined;
  return {
    pid: child.pid ?? -1,
    exited,
    stop: () => (stopping ??= end()),
    kill9: () => void child.kill('SIGKILL'),
  };
}

async function untilReady(options: ManagedProcessOptions, exited: Promise<Exit>): Promise<void> {
  let ended: Exit | undefined;
  void exited.then((exit) => {
    ended = exit;
  });
  const settled = await waitUntil(
    async () => ended !== undefined || (await options.ready()),
    options.readyTimeoutMs,
    40,
  );
  if (ended !== undefined) {
    throw new Error(`${options.name} ended while starting (${describeExit(ended, options.command)})`);
  }
  if (!settled) throw new Error(`${options.name} was not ready within ${options.readyTimeoutMs} ms; its last lines:`);
}

function describeExit({ code, signal, error }: Exit, { file }: Command): string {
  if (error) return startFailure(file, (error as NodeJS.ErrnoException).code) ?? error.message;
  return signal === null ? `exit code ${code}` : `signal ${signal}`;
}

function whenGone(child: ChildProcess, pidFile: string): Promise<Exit> {
  return new Promise((resolve) => {
    child.on('error', (error) => child.pid === undefined && resolve({ code: null, signal: null, error }));
    child.once('exit', (code, signal) => {
      if (child.pid !== undefined) removePidFile(pidFile, child.pid);
      resolve({ code, signal });
    });
  });
}

function followLog(child: ChildProcess, log?: (line: string) => void): { lines: string[]; ended: Promise<unknown> } {
  const lines: string[] = [];
  const follow = (input: NodeJS.ReadableStream | null) => {
    if (input === null) return undefined;
    const reader = createInterface({ input });
    reader.on('line', (line) => {
      lines.push(line);
      if (lines.length > LOG_TAIL_LINES) lines.shift();
      log?.(line);
    });
    return new Promise((resolve) => reader.once('close', resolve));
  };
  return { lines, ended: Promise.all([follow(child.stdout), follow(child.stderr)]) };
}
