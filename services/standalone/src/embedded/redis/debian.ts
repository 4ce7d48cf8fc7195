import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { command, run } from '../process/command.ts';
import { probeServer, type RedisBinary } from './version.ts';

const DOWNLOAD_TIMEOUT_MS = 180_000;
const QUERY_TIMEOUT_MS = 30_000;

/** Where Debian's packages are kept unpacked. */
export function debianRoot(cacheDir: string): string {
  return join(cacheDir, `redis-debian-${process.platform}-${process.arch}`);
}

/**
 * Fetches Debian's redis-server with apt, which checks signatures, and unpacks it without installing anything, so no
 * root is needed. `workDir` is an empty directory on the file system of the cache. Throws when there is no apt or no
 * network.
 */
export async function fetchDebianRedis(cacheDir: string, workDir: string): Promise<RedisBinary> {
  const unpacked = join(workDir, 'root');
  try {
    await downloadPackages(workDir, []);
  } catch {
    // Images often ship without package lists, and only root may fetch the system's: use lists of our own.
    const lists = await ownLists(workDir);
    await run(command('apt-get', ...lists, 'update'), { timeoutMs: DOWNLOAD_TIMEOUT_MS });
    await downloadPackages(workDir, lists);
  }
  for (const name of await readdir(workDir)) {
    if (!name.endsWith('.deb')) continue;
    await run(command('dpkg', '-x', join(workDir, name), unpacked), { timeoutMs: QUERY_TIMEOUT_MS });
  }
  await findDebianServer(unpacked);
  const target = debianRoot(cacheDir);
  await mkdir(dirname(target), { recursive: true });
  await moveIntoPlace(unpacked, target);
  return findDebianServer(target);
}

/** The server below a directory of unpacked packages; throws when it is not there or does not start. */
export async function findDebianServer(root: string): Promise<RedisBinary> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const libraries = entries.filter((entry) => /\.so(\.\d+)*$/.test(entry.name)).map((entry) => entry.parentPath);
  return probeServer(join(root, 'usr', 'bin', 'redis-server'), [...new Set(libraries)].join(':'));
}

/** Of what `apt-cache depends` prints, the libraries that are not installed. */
export function missingLibraries(depends: string, isInstalled: (name: string) => boolean): string[] {
  const names = [...depends.matchAll(/^\s*\|?Depends: ((?:lib|lua)\S+)$/gm)].map((match) => match[1] ?? '');
  return [...new Set(names)].filter((name) => !isInstalled(name));
}

async function downloadPackages(workDir: string, options: readonly string[]): Promise<void> {
  const depends = await run(command('apt-cache', ...options, 'depends', 'redis-tools', 'redis-server'), {
    timeoutMs: QUERY_TIMEOUT_MS,
  });
  const installed = new Set(await installedPackages());
  const libraries = missingLibraries(depends, (name) => installed.has(name));
  await run(command('apt-get', ...options, 'download', 'redis-server', 'redis-tools', ...libraries), {
    timeoutMs: DOWNLOAD_TIMEOUT_MS,
    cwd: workDir,
  });
}

async function installedPackages(): Promise<string[]> {
  const listing = await run(command('dpkg-query', '-W', '-f', `\${db:Status-Status} \${Package}\n`), {
    timeoutMs: QUERY_TIMEOUT_MS,
  });
  return listing.split('\n').flatMap((line) => /^installed (\S+)$/.exec(line)?.[1] ?? []);
}

/** Options that keep apt's lists and caches in `workDir`. */
async function ownLists(workDir: string): Promise<string[]> {
  const [lists, cache] = [join(workDir, 'lists'), join(workDir, 'cache')];
  for (const directory of [lists, cache]) await mkdir(join(directory, 'partial'), { recursive: true });
  return ['-o', `Dir::State::lists=${lists}`, '-o', `Dir::Cache=${cache}`];
}

async function moveIntoPlace(unpacked: string, target: string): Promise<void> {
  try {
    await rename(unpacked, target);
  } catch {
    // Another process was quicker, or an older copy that no longer starts is in the way.
    const usable = await findDebianServer(target).then(
      () => true,
      () => false,
    );
    if (usable) return;
    await rm(target, { recursive: true, force: true });
    await rename(unpacked, target);
  }
}
