import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { open } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { dieWithParent } from '@bundler/standalone/embedded';

/** One process of the platform. */
export interface Service {
  readonly name: string;
  readonly pid: number;
  readonly url: string;
  readonly adminUrl: string;
  stop(): Promise<void>;
}

export interface ServiceOptions {
  readonly name: string;
  /** Path of the entry point in the repository, and its arguments. */
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** The port it serves on; 0 for none. */
  readonly port: number;
  readonly adminPort: number;
  /** Path below the admin port that answers 200 when it is ready. */
  readonly readyPath: string;
  /** File its output is appended to. */
  readonly logFile: string;
}

const root = fileURLToPath(new URL('../../../../', import.meta.url));
const READY_TIMEOUT_MS = 30_000;

/** Starts a process of the platform and waits until it is ready. @throws Error that names its log file */
export async function startService(options: ServiceOptions): Promise<Service> {
  const { name, port, adminPort } = options;
  // Its output goes straight to a file: reading it here would cost CPU while others are measured.
  const log = await open(options.logFile, 'a');
  const { file, args } = await dieWithParent({ file: process.execPath, args: options.command }, 'TERM');
  const child = spawn(file, [...args], {
    cwd: root,
    env: { PATH: process.env.PATH, ...options.env },
    stdio: ['ignore', log.fd, log.fd],
  });
  await log.close();
  const exited = once(child, 'exit');
  const service: Service = {
    name,
    pid: child.pid!,
    url: `http://127.0.0.1:${port}`,
    adminUrl: `http://127.0.0.1:${adminPort}`,
    stop: async () => {
      // Nothing that is measured ends in order: its data is thrown away.
      child.kill('SIGKILL');
      await exited;
    },
  };
  const deadline = performance.now() + READY_TIMEOUT_MS;
  for (;;) {
    const answer = await fetch(`${service.adminUrl}${options.readyPath}`).catch(() => undefined);
    if (answer?.ok) return service;
    if (child.exitCode !== null) throw new Error(`${name} ended with ${child.exitCode}; see ${options.logFile}`);
    if (performance.now() > deadline) {
      await service.stop();
      throw new Error(`${name} is not ready after ${READY_TIMEOUT_MS} ms; see ${options.logFile}`);
    }
    await wait(20);
  }
}
