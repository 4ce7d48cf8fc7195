import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isExecutable } from './executable.ts';
import { runGo } from './go.ts';

/** A program that is had as a Go module. */
export interface GoProgram {
  /** Name of the program, which is the last part of `module`. */
  readonly name: string;
  /** Import path of its main package. */
  readonly module: string;
  /** With its `v`. */
  readonly version: string;
}

interface BuildOptions {
  /** Keeps the program between runs. */
  readonly cacheDir: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Told a line about every quarter of a minute while it is built. */
  readonly progress: (line: string) => void;
}

/**
 * The path of the program: from the cache, else built from its module into the cache, which takes minutes.
 *
 * @throws Error that says why there is none: no Go, no network, a failed build
 */
export async function goProgram(program: GoProgram, options: BuildOptions): Promise<string> {
  const cached = join(options.cacheDir, `${program.name}-${program.version}-${process.platform}-${process.arch}`);
  if (await isExecutable(cached)) return cached;
  // On the cache's file system, so that the last step is one rename: nobody ever starts half a program. The name is
  // fixed, so that a build that was interrupted goes on where it stopped.
  const work = join(options.cacheDir, `build-${program.name}-${program.version}`);
  await mkdir(work, { recursive: true });
  try {
    await build(program, work, options);
    await rename(join(work, 'bin', program.name), cached);
  } catch (error) {
    // Another process that built it at the same time was quicker, and has cleared the work directory.
    if (!(await isExecutable(cached))) throw error;
  }
  await rm(work, { recursive: true, force: true });
  return cached;
}

function build({ name, module, version }: GoProgram, work: string, { env, progress }: BuildOptions): Promise<void> {
  // modcacherw: else `rm` may not delete the modules.
  const args = ['install', '-v', '-modcacherw', '-trimpath', `${module}@${version}`];
  return runGo({ label: `${name} ${version}`, args, work, env, progress });
}
