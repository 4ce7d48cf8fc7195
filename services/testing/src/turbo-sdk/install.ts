import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { access, copyFile, mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defaultCacheDir } from '@bundler/standalone/embedded';
import { TurboSdk } from './turbo-sdk.ts';

type Environment = Readonly<Record<string, string | undefined>>;
type Progress = (line: string) => void;

const source = fileURLToPath(new URL('../../sdk/', import.meta.url));
const FILES = ['package.json', 'package-lock.json', '.npmrc'];
const UNFINISHED = 'installing-turbo-sdk-';
const PROGRESS_MS = 15_000;
const REASON_LINES = 4;

/** Where a test gets the SDK from. */
export interface TurboSdkSource {
  /** Why it is not there, and what to do about it; undefined when it is. */
  readonly missing: string | undefined;
  start(): TurboSdk;
}

/** Finds the SDK in the cache, else installs it there, which takes a minute or two and 900 MB. */
export async function findTurboSdk(env: Environment, progress: Progress): Promise<TurboSdkSource> {
  try {
    const directory = await install(env, progress);
    return { missing: undefined, start: () => TurboSdk.start(directory) };
  } catch (error) {
    const missing = `npm cannot install @ardrive/turbo-sdk; see that its registry can be reached (${(error as Error).message})`;
    const start = (): never => {
      throw new Error(missing);
    };
    return { missing, start };
  }
}

/** Keyed by the lock file: every checkout that has the same one shares the installation. */
async function install(env: Environment, progress: Progress): Promise<string> {
  const lock = await readFile(join(source, 'package-lock.json'));
  const key = createHash('sha256').update(lock).digest('hex').slice(0, 12);
  const cacheDir = defaultCacheDir(env);
  const directory = join(cacheDir, `turbo-sdk-${key}-${process.platform}-${process.arch}`);
  if (await exists(directory)) return directory;
  await mkdir(cacheDir, { recursive: true });
  await removeUnfinished(cacheDir);
  // On the cache's file system, so that the last step is one rename: nobody ever loads half an SDK.
  const work = join(cacheDir, `${UNFINISHED}${process.pid}`);
  try {
    await mkdir(work);
    for (const name of FILES) await copyFile(join(source, name), join(work, name));
    await npmCi(work, env, progress);
    await rename(work, directory);
  } catch (error) {
    // Another process that installed it at the same time was quicker.
    if (!(await exists(directory))) throw error;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return directory;
}

async function npmCi(cwd: string, env: Environment, progress: Progress): Promise<void> {
  // No install scripts: they would compile what has a fallback in JavaScript, and this machine may have no compiler.
  const args = ['ci', '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'];
  const child = spawn('npm', args, { cwd, env: { ...env }, stdio: ['ignore', 'ignore', 'pipe'] });
  let errors = '';
  child.stderr.on('data', (text: Buffer) => {
    errors = `${errors}${text}`.slice(0, 2000);
  });
  const started = performance.now();
  progress('installing @ardrive/turbo-sdk (900 MB); this takes a minute or two, once');
  const timer = setInterval(() => {
    progress(`installing @ardrive/turbo-sdk: ${Math.round((performance.now() - started) / 1000)} s`);
  }, PROGRESS_MS);
  try {
    const [code] = (await once(child, 'close')) as [number | null];
    if (code !== 0) throw new Error(`npm ci ended with ${code}: ${firstWords(errors)}`);
  } finally {
    clearInterval(timer);
  }
}

/** npm puts its name before each line, and a stack trace and advice after the first few. */
function firstWords(errors: string): string {
  const lines = errors.split('\n').map((line) => line.replace(/^npm error\s*/, ''));
  return lines.slice(0, REASON_LINES).join(', ');
}

/** What runs that were killed left behind is large. */
async function removeUnfinished(cacheDir: string): Promise<void> {
  for (const name of await readdir(cacheDir)) {
    if (!name.startsWith(UNFINISHED) || isRunning(Number(name.slice(UNFINISHED.length)))) continue;
    await rm(join(cacheDir, name), { recursive: true, force: true });
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
