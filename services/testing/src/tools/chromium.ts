import { execFile } from 'node:child_process';
import { access, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { defaultCacheDir } from '@bundler/standalone/embedded';
import { fetchDebianPackages } from './debian.ts';
import { isExecutable } from './executable.ts';

/** A browser, and the environment it needs. */
export interface Chromium {
  readonly file: string;
  readonly env: Readonly<Record<string, string>>;
}

const run = promisify(execFile);

/**
 * Chromium as the machine has it (`CHROMIUM_BIN` names another), as it was fetched before, or fetched now: Debian's
 * packages by apt, unpacked into the cache.
 *
 * @returns why there is none, when there is none
 */
export async function findChromium(
  env: NodeJS.ProcessEnv,
  progress: (line: string) => void,
): Promise<Chromium | string> {
  const named = env.CHROMIUM_BIN;
  if (named) return { file: named, env: {} };
  for (const directory of env.PATH?.split(':') ?? []) {
    for (const name of ['chromium', 'chromium-browser', 'google-chrome']) {
      const file = join(directory, name);
      if (await isExecutable(file)) return { file, env: {} };
    }
  }
  const cacheDir = defaultCacheDir(env);
  const root = join(cacheDir, `chromium-debian-${process.arch}`);
  try {
    return await unpacked(root);
  } catch {
    // It was not fetched yet.
  }
  try {
    progress('Downloading Chromium for the tests by apt (about 120 MB, once)');
    await fetchDebianPackages(['chromium'], { cacheDir, root, dependencies: true, works: unpacked });
    return await unpacked(root);
  } catch (error) {
    const why = (error as Error).message.split('\n').filter(Boolean).slice(0, 2).join(' ');
    return `needs Chromium; install it or name one with CHROMIUM_BIN (by apt: ${why})`;
  }
}

/** The browser below a directory of unpacked packages. @throws when it does not start */
async function unpacked(root: string): Promise<Chromium> {
  const file = join(root, 'usr/lib/chromium/chromium');
  await access(file);
  const entries = await readdir(join(root, 'usr/lib'), { recursive: true, withFileTypes: true });
  const libraries = entries.filter(({ name }) => /\.so(\.\d+)*$/.test(name)).map(({ parentPath }) => parentPath);
  const env = { LD_LIBRARY_PATH: [...new Set(libraries)].join(':') };
  await run(file, ['--version'], { env: { ...env, PATH: '/usr/bin:/bin' }, timeout: 20_000 });
  return { file, env };
}
