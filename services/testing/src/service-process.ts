import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { RunningProcess } from './restartable.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
/** How long a process may take until it is ready, unless its caller says otherwise, milliseconds. */
const READY_MS = 30_000;

export interface ServiceOptions {
  /** From the root of the project. */
  readonly entryPoint: string;
  readonly env: Readonly<Record<string, string>>;
  readonly adminUrl: string;
  /** Modules that are loaded before it. */
  readonly preloads?: readonly string[];
  /** Where it says that it is ready; `/ready`, if nothing is said. */
  readonly readyPath?: string;
  /** How long it may take until it is, milliseconds; 30 seconds, if nothing is said. */
  readonly readyTimeoutMs?: number | undefined;
  readonly log: NodeJS.WritableStream;
}

/** A process of the platform that has once been ready. */
export interface ServiceProcess extends RunningProcess {
  readonly exited: Promise<number | null>;
  /** SIGTERM; resolves with the exit code. */
  stop(): Promise<number | null>;
}

/** Starts a process and waits until it is ready. @throws Error when it ends or does not become ready; none is left then */
export async function startService(options: ServiceOptions): Promise<ServiceProcess> {
  const { entryPoint, env, adminUrl, log, preloads = [], readyPath = '/ready', readyTimeoutMs = READY_MS } = options;
  const args = [...preloads.flatMap((module) => ['--import', module]), entryPoint];
  const child = spawn(process.execPath, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.pipe(log, { end: false });
  child.stderr.pipe(log, { end: false });
  const exited = once(child, 'exit').then(([code]) => code as number | null);
  const hasEnded = (): boolean => child.exitCode !== null || child.signalCode !== null;
  try {
    await untilReady(adminUrl + readyPath, readyTimeoutMs, hasEnded);
  } catch (error) {
    child.kill('SIGKILL');
    throw new Error(`${entryPoint}: ${(error as Error).message}`, { cause: error });
  }
  return {
    pid: child.pid!,
    exited,
    kill9: () => void child.kill('SIGKILL'),
    stop: () => {
      child.kill('SIGTERM');
      return exited;
    },
  };
}

async function untilReady(url: string, timeoutMs: number, hasEnded: () => boolean): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const answer = await fetch(url).catch(() => undefined);
    await answer?.body?.cancel();
    // Before the answer counts: it may be that of another process at the same address.
    if (hasEnded()) throw new Error('the process ended before it was ready');
    if (answer?.ok) return;
    if (performance.now() > deadline) throw new Error(`the process was not ready within ${timeoutMs} ms`);
    await wait(20);
  }
}
