import { execFile } from 'node:child_process';
import { access, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { defaultCacheDir } from '@bundler/standalone/embedded';
import { isExecutable } from './executable.ts';

/** A browser, and the environment it needs. */
export interface Chromium {
  readonly file: string;
  readonly env: Readonly<Record<string, string>>;
}

const run = promisify(execFile);
const FETCH_TIMEOUT_MS = 300_000;

/**
 * Chromium as the machine has it (`CHROMIUM_BIN` names another), as it was fetched before, or fetched now: Debian's
 * packages by apt, which checks signatures, unpacked into the cache and not installed, so no root is needed.
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
    await fetchChromium(cacheDir, root, progress);
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

async function fetchChromium(cacheDir: string, root: string, progress: (line: string) => void): Promise<void> {
  await mkdir(cacheDir, { recursive: true });
  const work = await mkdtemp(join(cacheDir, 'download-'));
  try {
    const [lists, cache, tree] = [join(work, 'lists'), join(work, 'cache'), join(work, 'root')];
    for (const directory of [join(lists, 'partial'), join(cache, 'archives/partial'), tree]) {
      await mkdir(directory, { recursive: true });
    }
    // Lists and packages of our own: those of the system belong to root, and images often ship without them.
    const own = ['-o', `Dir::State::lists=${lists}`, '-o', `Dir::Cache=${cache}`, '-o', 'Debug::NoLocking=1', '-qq'];
    const options = { timeout: FETCH_TIMEOUT_MS, maxBuffer: 64 * 1024 * 1024 };
    await run('apt-get', [...own, 'update'], options);
    const wanted = ['--no-install-recommends', '--download-only', '-y', 'install', 'chromium'];
    progress('Downloading Chromium for the tests by apt (about 120 MB, once)');
    await run('apt-get', [...own, ...wanted], options);
    const archives = join(cache, 'archives');
    for (const name of await readdir(archives)) {
      if (name.endsWith('.deb')) await run('dpkg', ['-x', join(archives, name), tree], options);
    }
    await unpacked(tree);
    await rm(root, { recursive: true, force: true });
    await rename(tree, root);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}
