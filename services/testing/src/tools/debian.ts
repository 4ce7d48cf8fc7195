import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const FETCH_TIMEOUT_MS = 300_000;

interface DebianOptions {
  /** Where work is done; on the file system of `root`. */
  readonly cacheDir: string;
  /** Where the files of the packages go. */
  readonly root: string;
  /** Whether what they depend on is unpacked with them; else the machine must have it. */
  readonly dependencies: boolean;
  /** Whether what was unpacked works; throws when it does not. */
  readonly works: (root: string) => Promise<unknown>;
}

/**
 * Debian's packages by apt, which checks signatures, unpacked below `root` and not installed, so no root is needed.
 *
 * @throws Error when there is no apt, no network, no such package, or when what came does not work
 */
export async function fetchDebianPackages(packages: readonly string[], options: DebianOptions): Promise<void> {
  const { cacheDir, root, dependencies, works } = options;
  await mkdir(cacheDir, { recursive: true });
  const work = await mkdtemp(join(cacheDir, 'download-'));
  try {
    const [lists, cache, tree] = [join(work, 'lists'), join(work, 'cache'), join(work, 'root')];
    const archives = join(cache, 'archives');
    for (const directory of [join(lists, 'partial'), join(archives, 'partial'), tree]) {
      await mkdir(directory, { recursive: true });
    }
    // Lists and packages of our own: those of the system belong to root, and images often ship without them.
    const own = ['-o', `Dir::State::lists=${lists}`, '-o', `Dir::Cache=${cache}`, '-o', 'Debug::NoLocking=1', '-qq'];
    const bounds = { timeout: FETCH_TIMEOUT_MS, maxBuffer: 64 * 1024 * 1024, cwd: archives };
    await run('apt-get', [...own, 'update'], bounds);
    const wanted = dependencies ? ['--no-install-recommends', '--download-only', '-y', 'install'] : ['download'];
    await run('apt-get', [...own, ...wanted, ...packages], bounds);
    for (const name of await readdir(archives)) {
      if (name.endsWith('.deb')) await run('dpkg', ['-x', join(archives, name), tree], bounds);
    }
    await works(tree);
    await rm(root, { recursive: true, force: true });
    await rename(tree, root);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}
