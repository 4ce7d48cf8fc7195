import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, constants, mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

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

const PROGRESS_MS = 15_000;
/** Where Go's own installer puts it, for users whose PATH does not say so. */
const GO_DIRECTORY = '/usr/local/go/bin';
const LAST_LINES = 5;

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

async function build(program: GoProgram, work: string, { env, progress }: BuildOptions): Promise<void> {
  const label = `${program.name} ${program.version}`;
  // nice: it shares the machine with tests that have time limits. modcacherw: else `rm` may not delete the modules.
  const args = ['-n', '10', 'go', 'install', '-v', '-modcacherw', '-trimpath', `${program.module}@${program.version}`];
  const child = spawn('nice', args, {
    // Everything in the work directory: Go needs no HOME then, and no right to write anywhere else.
    env: {
      ...env,
      PATH: `${env.PATH ?? ''}:${GO_DIRECTORY}`,
      GOPATH: join(work, 'go'),
      GOBIN: join(work, 'bin'),
      GOMODCACHE: join(work, 'modules'),
      GOCACHE: join(work, 'objects'),
      GOTMPDIR: '',
      CGO_ENABLED: '0',
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const lines: string[] = [];
  createInterface({ input: child.stderr }).on('line', (line) => lines.push(line));
  const started = performance.now();
  progress(`building ${label} from its Go module; this takes some minutes, once`);
  const timer = setInterval(() => {
    const seconds = Math.round((performance.now() - started) / 1000);
    progress(`building ${label}: ${seconds} s, ${lines.length} modules and packages done`);
  }, PROGRESS_MS);
  try {
    const [code] = (await once(child, 'close')) as [number | null];
    // With -v most lines are the bare names of packages; the others say what happened.
    const words = lines.filter((line) => line.includes(' ')).slice(-LAST_LINES);
    if (code !== 0) throw new Error(`${label} cannot be built: ${words.join(' ')}`);
  } finally {
    clearInterval(timer);
  }
}

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
