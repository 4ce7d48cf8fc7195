import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { defaultCacheDir } from '@bundler/standalone/embedded';
import { isExecutable } from '../../src/tools/executable.ts';
import { withFileLock } from '../../src/tools/file-lock.ts';
import { type Archive, archivedPrograms, archiveFor, unpackArchive } from './archive.ts';
import { buildPrograms } from './build.ts';
import type { ProgramName, Programs } from './names.ts';
import { versions } from './versions.ts';

export interface FindOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly progress: (line: string) => void;
  /** The published archive for this machine; undefined when there is none. */
  readonly archive?: Archive | undefined;
}

const machine = `${process.platform}-${process.arch}`;

/**
 * Finds the servers: where KUBEBUILDER_ASSETS says, else in the cache, else in the published archive, else built with
 * Go into the cache. Of several processes that need them at once one makes them and the others wait.
 *
 * @throws Error that says why they cannot be had, and what to do
 */
export async function findPrograms(names: readonly ProgramName[], options: FindOptions): Promise<Programs> {
  const cacheDir = defaultCacheDir(options.env);
  const built = join(cacheDir, `control-plane-${versions.kubernetes}-etcd-${versions.etcd}-${machine}`);
  const archive = 'archive' in options ? options.archive : archiveFor(machine);
  const unpacked = join(cacheDir, `envtest-${archive?.version}-${machine}`);
  const assets = await givenAssets(options.env);
  const look = () => lookUp(names, [...assets, built, unpacked]);
  const found = await look();
  if (isComplete(found, names)) return found;
  await mkdir(cacheDir, { recursive: true });
  const waiting = () => options.progress('waiting for another process that makes a Kubernetes control plane');
  return withFileLock(`${built}.lock`, waiting, async () => {
    let made = await look();
    const missing = names.filter((name) => !(name in made));
    if (archive !== undefined && missing.length > 0 && missing.every((name) => archivedPrograms.includes(name))) {
      await unpackArchive(archive, unpacked).catch((error: Error) =>
        options.progress(`no published control plane (${error.message})`),
      );
      made = await look();
    }
    if (!isComplete(made, names)) {
      await buildPrograms(built, options);
      made = await look();
    }
    if (!isComplete(made, names)) throw new Error(`${built} lacks ${names.filter((name) => !(name in made)).join()}`);
    return made;
  });
}

type Found = Partial<Record<ProgramName, string>>;

const isComplete = (found: Found, names: readonly ProgramName[]): found is Programs =>
  names.every((name) => name in found);

async function lookUp(names: readonly ProgramName[], places: readonly string[]): Promise<Found> {
  const found: Found = {};
  for (const name of names) {
    for (const place of places) {
      if (!(name in found) && (await isExecutable(join(place, name)))) found[name] = join(place, name);
    }
  }
  return found;
}

/** A folder that somebody named must hold what such folders hold; the controller manager seldom is among it. */
async function givenAssets(env: FindOptions['env']): Promise<string[]> {
  const directory = env.KUBEBUILDER_ASSETS;
  if (directory === undefined || directory === '') return [];
  for (const name of archivedPrograms) {
    if (await isExecutable(join(directory, name))) continue;
    throw new Error(`KUBEBUILDER_ASSETS is ${directory}, where no executable ${name} is; correct it or unset it`);
  }
  return [directory];
}
