import { defaultCacheDir } from '@bundler/standalone/embedded';
import { type GoProgram, goProgram } from './go-program.ts';

/** What users install the charts with. */
export const HELM: GoProgram = { name: 'helm', module: 'helm.sh/helm/v3/cmd/helm', version: 'v3.20.2' };

/** Where a test gets Helm from. */
export interface HelmSource {
  /** Why there is none on this machine, and what to do about it; undefined when there is one. */
  readonly missing: string | undefined;
  /** Path of the program. */
  readonly binary: string;
}

/** Finds Helm in the cache, or builds it with Go, which takes minutes. */
export async function findHelm(env: Readonly<Record<string, string | undefined>>): Promise<HelmSource> {
  // Not the console, which jest keeps to itself until a test file has ended.
  const progress = (line: string): void => void process.stderr.write(`${line}\n`);
  try {
    return { missing: undefined, binary: await goProgram(HELM, { cacheDir: defaultCacheDir(env), env, progress }) };
  } catch (error) {
    return { missing: `no Helm: install Go (${(error as Error).message})`, binary: '' };
  }
}
