import { mkdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type Exit, startProcess } from '../process/managed-process.ts';
import { dieWithParent } from '../process/parent-death.ts';
import { endLeftover, type StopStep } from '../process/pid-file.ts';
import { requireFreePort } from '../process/ports.ts';
import type { Progress } from '../progress.ts';
import { type RedisRole, redisFlags } from './arguments.ts';
import { ping } from './ping.ts';
import { firstUsable, redisSources } from './sources.ts';
import { serverProgram } from './version.ts';

export type RedisOptions = {
  /** Kept between runs for a queue. The pid file stands beside it: `<dataDir>.pid`. */
  readonly dataDir: string;
  /** TCP port on 127.0.0.1. */
  readonly port: number;
  readonly role: RedisRole;
  /** Keeps a server program that had to be fetched; see `defaultCacheDir`. */
  readonly cacheDir: string;
  /** A server program to use instead of looking for one. */
  readonly binary?: string | undefined;
  /** Bytes, or Redis's notation (`256mb`). A cache without it gets 256 MiB, a queue no limit. */
  readonly maxMemory?: number | string | undefined;
  /** Names the setting that changes the port, for the error when it is taken. */
  readonly portSetting?: string | undefined;
  /** Milliseconds the server may take until it has loaded its data and serves. */
  readonly readyTimeoutMs?: number | undefined;
  readonly log?: ((line: string) => void) | undefined;
  readonly progress?: Progress | undefined;
};

export type EmbeddedRedis = {
  readonly url: string;
  readonly pid: number;
  /** Which server it is, e.g. `Valkey 9.1.2`. */
  readonly version: string;
  /** Settles when the server is gone, whoever ended it; never rejects. */
  readonly exited: Promise<Exit>;
  /** Writes what is pending and ends; returns when no process is left. */
  stop(): Promise<void>;
  /** Kills the server as a crash would. */
  kill9(): void;
};

const READY_TIMEOUT_MS = 60_000;
/** Not SIGINT: a second one (ours, after the kernel's at the launcher's death) makes Redis leave without writing. */
const STOP_STEPS: readonly StopStep[] = [{ signal: 'SIGTERM', waitMs: 15_000 }];

/**
 * Starts a Redis-compatible server for one role, fetching the program first if the machine has none.
 * Throws when there is no program to be had, the port is taken, the directory is in use, or the server does not come up.
 */
export async function startRedis(options: RedisOptions): Promise<EmbeddedRedis> {
  const { port, role, maxMemory } = options;
  const name = `the ${role} Redis`;
  const dataDir = resolve(options.dataDir);
  const pidFile = `${dataDir}.pid`;
  if ((await endLeftover(pidFile, name, STOP_STEPS)) === 'ended') options.log?.(`ended ${name} of an earlier run`);
  await requireFreePort(port, name, options.portSetting ?? `REDIS_${role.toUpperCase()}_PORT`);
  const binary = await firstUsable(redisSources(options));
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const server = serverProgram(binary, redisFlags({ role, port, dataDir, maxMemory }));
  const managed = await startProcess({
    name,
    command: await dieWithParent(server, 'TERM'),
    pidFile,
    ready: () => ping(port),
    readyTimeoutMs: options.readyTimeoutMs ?? READY_TIMEOUT_MS,
    stopSteps: STOP_STEPS,
    log: options.log,
  });
  const { pid, exited, stop, kill9 } = managed;
  return { url: `redis://127.0.0.1:${port}`, pid, version: binary.version, exited, stop, kill9 };
}
