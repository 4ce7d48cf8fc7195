import { defaultCacheDir } from '@bundler/standalone/embedded';
import { type GoProgram, goProgram } from './go-program.ts';

/** What runs the load suites. */
export const K6: GoProgram = { name: 'k6', module: 'go.k6.io/k6', version: 'v1.8.1' };

/** Where a load run gets k6 from. */
export interface K6Source {
  /** Why there is none on this machine, and what to do about it; undefined when there is one. */
  readonly missing: string | undefined;
  /** Path of the program. */
  readonly binary: string;
}

/** k6 as `K6_BIN` names it, from the cache, or built with Go, which takes minutes. */
export async function findK6(env: Readonly<Record<string, string | undefined>>): Promise<K6Source> {
  if (env.K6_BIN) return { missing: undefined, binary: env.K6_BIN };
  // Not the console, which jest keeps to itself until a test file has ended.
  const progress = (line: string): void => void process.stderr.write(`${line}\n`);
  try {
    return { missing: undefined, binary: await goProgram(K6, { cacheDir: defaultCacheDir(env), env, progress }) };
  } catch (error) {
    return { missing: `no k6: install Go, or name a k6 1.8 with K6_BIN (${(error as Error).message})`, binary: '' };
  }
}
