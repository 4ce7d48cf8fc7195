import { resolve } from 'node:path';
import { type Exit, type ManagedProcess, startProcess } from '../process/managed-process.ts';
import { dieWithParent } from '../process/parent-death.ts';
import { endLeftover, type StopStep } from '../process/pid-file.ts';
import { requireFreePort } from '../process/ports.ts';
import type { Progress } from '../progress.ts';
import { type Account, asAccount, currentAccount, requireReachable } from './account.ts';
import { databaseUrl, serverCommand } from './arguments.ts';
import { type PostgresBinaries, postgresBinaries } from './binaries.ts';
import { ensureCluster } from './cluster.ts';
import { answers, createDatabases } from './session.ts';
import { clearStrays } from './strays.ts';

export type PostgresOptions = {
  /** Kept between runs. The password and the pid file stand beside it: `<dataDir>.password`, `<dataDir>.pid`. */
  readonly dataDir: string;
  /** TCP port on 127.0.0.1. */
  readonly port: number;
  /** Databases that must exist once the start returns. */
  readonly databases: readonly string[];
  /** The superuser's password; generated with the data directory when absent. */
  readonly password?: string | undefined;
  /** PostgreSQL's own settings, e.g. `{ max_connections: '200' }`. */
  readonly settings?: Readonly<Record<string, string>> | undefined;
  /** Names the setting that changes the port, for the error when it is taken. */
  readonly portSetting?: string | undefined;
  /** Milliseconds the server may take until it serves, recovery after a crash included. */
  readonly readyTimeoutMs?: number | undefined;
  readonly log?: ((line: string) => void) | undefined;
  readonly progress?: Progress | undefined;
};

export type EmbeddedPostgres = {
  readonly pid: number;
  /** Settles when the server is gone, whoever ended it; never rejects. */
  readonly exited: Promise<Exit>;
  /** Connection URL of one database, password included. */
  url(database: string): string;
  /** Ends all sessions and shuts down in order; returns when no process is left. */
  stop(): Promise<void>;
  /** Kills the server as a crash would. */
  kill9(): void;
};

const NAME = 'PostgreSQL';
const READY_TIMEOUT_MS = 60_000;
/** SIGINT is PostgreSQL's fast shutdown (sessions end, a checkpoint is made), SIGQUIT the one that needs recovery. */
const STOP_STEPS: readonly StopStep[] = [
  { signal: 'SIGINT', waitMs: 20_000 },
  { signal: 'SIGQUIT', waitMs: 5_000 },
];

/**
 * Starts PostgreSQL on a data directory of its own, made on the first run. Works as an ordinary user and as root.
 * Throws when the port is taken, the directory is in use or unfit, or the server does not come up.
 */
export async function startPostgres(options: PostgresOptions): Promise<EmbeddedPostgres> {
  const dataDir = resolve(options.dataDir);
  const pidFile = `${dataDir}.pid`;
  const [binaries, account] = await Promise.all([postgresBinaries(), currentAccount()]);
  await requireReachable(account, [dataDir, binaries.postgres]);
  if ((await endLeftover(pidFile, NAME, STOP_STEPS)) === 'ended') options.log?.(`ended ${NAME} of an earlier run`);
  await clearStrays(dataDir);
  await requireFreePort(options.port, NAME, options.portSetting ?? 'POSTGRES_PORT');
  const { password: given, progress } = options;
  const password = await ensureCluster({ binaries, account, dataDir, password: given, progress });
  const server = { port: options.port, password };
  const managed = await launch({ ...options, dataDir }, { binaries, account, pidFile, password });
  try {
    await createDatabases(server, options.databases);
  } catch (error) {
    await managed.stop();
    throw error;
  }
  return {
    pid: managed.pid,
    exited: managed.exited,
    url: (database) => databaseUrl(options.port, password, database),
    stop: managed.stop,
    kill9: managed.kill9,
  };
}

type Launch = { binaries: PostgresBinaries; account: Account; pidFile: string; password: string };

async function launch(options: PostgresOptions, parts: Launch): Promise<ManagedProcess> {
  const { dataDir, port, settings = {}, log } = options;
  const server = serverCommand({ postgres: parts.binaries.postgres, dataDir, port, settings });
  // Inside the namespace, because entering one makes the kernel forget whose death to watch.
  return startProcess({
    ...asAccount(parts.account, await dieWithParent(server, 'INT')),
    name: NAME,
    cwd: dataDir,
    pidFile: parts.pidFile,
    ready: () => answers({ port, password: parts.password }),
    readyTimeoutMs: options.readyTimeoutMs ?? READY_TIMEOUT_MS,
    stopSteps: STOP_STEPS,
    log,
  });
}
