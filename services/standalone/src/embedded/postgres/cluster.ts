import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { run } from '../process/command.ts';
import { dieWithParent } from '../process/parent-death.ts';
import type { Progress } from '../progress.ts';
import { type Account, asAccount, requireOwner, takeOwnership } from './account.ts';
import { initdbCommand } from './arguments.ts';
import type { PostgresBinaries } from './binaries.ts';

export type ClusterOptions = {
  readonly binaries: PostgresBinaries;
  readonly account: Account;
  readonly dataDir: string;
  readonly password?: string | undefined;
  readonly progress?: Progress | undefined;
};

const INITDB_TIMEOUT_MS = 120_000;
const PASSWORD_BYTES = 24;

/** Makes the data directory if there is none yet; gives the superuser's password. */
export async function ensureCluster(options: ClusterOptions): Promise<string> {
  const { account, binaries, dataDir } = options;
  await requireOwner(account, dataDir);
  const found = await readIfThere(join(dataDir, 'PG_VERSION'));
  if (found === undefined) return createCluster(options);
  if (found !== binaries.major) {
    throw new Error(
      `${dataDir} was made by PostgreSQL ${found}; this is PostgreSQL ${binaries.major}, which cannot read it. Move ` +
        'the directory away, or upgrade it with pg_upgrade',
    );
  }
  await takeOwnership(account, dataDir);
  const password = options.password ?? (await readIfThere(passwordFile(dataDir)));
  if (password !== undefined) return password;
  throw new Error(`The password of ${dataDir} is unknown: ${passwordFile(dataDir)} is missing. Put it back or give it`);
}

/** The password stands beside the data directory, readable by its owner alone. */
function passwordFile(dataDir: string): string {
  return `${dataDir}.password`;
}

async function createCluster(options: ClusterOptions): Promise<string> {
  const { account, binaries, dataDir, progress } = options;
  progress?.(`Creating the PostgreSQL ${binaries.major} data directory ${dataDir}`);
  const file = passwordFile(dataDir);
  const password = options.password ?? randomBytes(PASSWORD_BYTES).toString('base64url');
  // Made beside its place and then renamed: an initdb that was cut short leaves files that look like a cluster.
  const unfinished = `${dataDir}.unfinished`;
  await mkdir(dirname(dataDir), { recursive: true });
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished, { mode: 0o700 });
  await rm(file, { force: true });
  await writeFile(file, `${password}\n`, { mode: 0o600 });
  for (const path of [unfinished, file]) await takeOwnership(account, path);
  const initdb = await dieWithParent(initdbCommand(binaries.initdb, unfinished, file), 'INT');
  const { command, credentials } = asAccount(account, initdb);
  await run(command, { timeoutMs: INITDB_TIMEOUT_MS, credentials });
  await moveIntoPlace(unfinished, dataDir);
  return password;
}

async function moveIntoPlace(unfinished: string, dataDir: string): Promise<void> {
  try {
    await rename(unfinished, dataDir);
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true });
    throw new Error(`${dataDir} is there but holds no PostgreSQL data; empty it or use another data directory`, {
      cause: error,
    });
  }
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return (await readFile(path, 'utf8')).trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
