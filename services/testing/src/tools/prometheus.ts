import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { defaultCacheDir } from '@bundler/standalone/embedded';
import { fetchDebianPackages } from './debian.ts';
import { isExecutable } from './executable.ts';
import { withFileLock } from './file-lock.ts';
import { type GoProgram, goProgram } from './go-program.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** Programs by name, or why this machine has none and what to do about it. */
export type Tools<Name extends string> =
  | { readonly missing: undefined; readonly paths: Readonly<Record<Name, string>> }
  | { readonly missing: string; readonly paths?: undefined };

const run = promisify(execFile);
const VERSION = 'v0.316.0';
const fromGo = (name: string): GoProgram => ({
  name,
  module: `github.com/prometheus/prometheus/cmd/${name}`,
  version: VERSION,
});

/**
 * `promtool`, which judges rules, and `prometheus`, which runs them: those of the folder that `PROMETHEUS_TOOLS` names, of
 * the PATH, or of Debian's package, which takes seconds; else built with Go, which takes minutes.
 */
export async function findPrometheus(env: Env): Promise<Tools<'promtool' | 'prometheus'>> {
  const build = async () => ({
    promtool: await goProgram(fromGo('promtool'), buildOptions(env)),
    prometheus: await goProgram(fromGo('prometheus'), buildOptions(env)),
  });
  return find({ env, debian: 'prometheus', files: { promtool: 'promtool', prometheus: 'prometheus' }, build });
}

/** `alertmanager` and `amtool`, found as `findPrometheus` finds; its Go module lacks its own pages and cannot be built. */
export async function findAlertmanager(env: Env): Promise<Tools<'alertmanager' | 'amtool'>> {
  const files = { alertmanager: 'prometheus-alertmanager', amtool: 'amtool' };
  return find({ env, debian: 'prometheus-alertmanager', files });
}

interface Search<Name extends string> {
  readonly env: Env;
  /** Debian's package, and what it calls each program. */
  readonly debian: string;
  readonly files: Readonly<Record<Name, string>>;
  readonly build?: () => Promise<Record<Name, string>>;
}

async function find<Name extends string>(search: Search<Name>): Promise<Tools<Name>> {
  const { env, debian, files } = search;
  const present = await onThisMachine(env, Object.keys(files) as Name[]);
  if (present) return { missing: undefined, paths: present };
  try {
    return { missing: undefined, paths: await fromDebian(search) };
  } catch (error) {
    const why = (error as Error).message.split('\n').filter(Boolean).slice(0, 2).join(' ');
    if (search.build === undefined)
      return { missing: `no ${debian}: name a folder with it in PROMETHEUS_TOOLS (by apt: ${why})` };
    try {
      return { missing: undefined, paths: await search.build() };
    } catch (failed) {
      const also = (failed as Error).message.split('\n')[0];
      return { missing: `no ${debian}: name a folder with it in PROMETHEUS_TOOLS (by apt: ${why}; by Go: ${also})` };
    }
  }
}

async function onThisMachine<Name extends string>(env: Env, names: readonly Name[]) {
  const folders = env.PROMETHEUS_TOOLS ? [env.PROMETHEUS_TOOLS] : (env.PATH?.split(':') ?? []);
  for (const folder of folders) {
    const paths = pathsIn(
      folder,
      Object.fromEntries(names.map((name) => [name, name])) as unknown as Record<Name, string>,
    );
    if (await areAll(paths)) return paths;
  }
  if (env.PROMETHEUS_TOOLS)
    throw new Error(`PROMETHEUS_TOOLS is ${env.PROMETHEUS_TOOLS}, which lacks ${names.join(' or ')}`);
  return undefined;
}

/** @throws Error that says why apt has not brought it */
async function fromDebian<Name extends string>({ env, debian, files }: Search<Name>): Promise<Record<Name, string>> {
  const cacheDir = defaultCacheDir(env);
  const root = join(cacheDir, `${debian}-debian-${process.arch}`);
  const paths = pathsIn(join(root, 'usr/bin'), files);
  if (await areAll(paths)) return paths;
  await mkdir(cacheDir, { recursive: true });
  return withFileLock(
    `${root}.lock`,
    () => undefined,
    async () => {
      if (await areAll(paths)) return paths;
      progress(`Downloading Debian's ${debian} for the tests by apt (some 20 MB, once)`);
      const works = (tree: string) =>
        Promise.all(
          Object.values<string>(pathsIn(join(tree, 'usr/bin'), files)).map((file) =>
            run(file, ['--version'], { timeout: 20_000 }),
          ),
        );
      await fetchDebianPackages([debian], { cacheDir, root, dependencies: false, works });
      return paths;
    },
  );
}

function pathsIn<Name extends string>(folder: string, files: Readonly<Record<Name, string>>): Record<Name, string> {
  return Object.fromEntries(Object.entries<string>(files).map(([name, file]) => [name, join(folder, file)])) as Record<
    Name,
    string
  >;
}

async function areAll(paths: Readonly<Record<string, string>>): Promise<boolean> {
  return (await Promise.all(Object.values(paths).map(isExecutable))).every(Boolean);
}

// Not the console, which jest keeps to itself until a test file has ended.
const progress = (line: string): void => void process.stderr.write(`${line}\n`);
const buildOptions = (env: Env) => ({ cacheDir: defaultCacheDir(env), env, progress });
