/** The end of `make images`: builds what only `make e2e` needs, and fetches its tools, because a cluster's network may reach nothing else. */
import { copyFile, cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defaultCacheDir } from '@bundler/standalone/embedded';
import { type GoProgram, goProgram } from '../src/tools/go-program.ts';
import { HELM } from '../src/tools/helm.ts';
import { K6 } from '../src/tools/k6.ts';
import { VERSITYGW } from '../src/tools/versitygw.ts';
import { findTurboSdk } from '../src/turbo-sdk/install.ts';
import { type PreviousOperator, root, writeBuilt } from './kit/built.ts';
import { runCommand } from './kit/command.ts';

const {
  IMAGE_BUILDER = 'docker build -t',
  IMAGE_REGISTRY: registry = 'localhost',
  IMAGE_TAG: tag = 'dev',
} = process.env;
const progress = (line: string) => console.log(line);
const tools = { cacheDir: defaultCacheDir(process.env), env: process.env, progress };
const BUILD_MS = 900_000;

/** Builds an image from a directory of its own. */
async function build(name: string, args: readonly string[]): Promise<void> {
  const [file = 'docker', ...before] = IMAGE_BUILDER.split(' ');
  progress(`building ${name}`);
  await runCommand(file, [...before, name, ...args], { timeoutMs: BUILD_MS });
}

async function inDirectory<T>(work: (directory: string) => Promise<T>): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), 'bundler-images-'));
  try {
    return await work(directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** An image with nothing in it but a program that the tests use too. */
async function buildProgram(program: GoProgram): Promise<string> {
  const name = `${registry}/${program.name}:${program.version}`;
  const binary = await goProgram(program, tools);
  await inDirectory(async (directory) => {
    await copyFile(binary, join(directory, program.name));
    await build(name, ['-f', join(import.meta.dirname, `images/${program.name}.Dockerfile`), directory]);
  });
  return name;
}

/** The newest commit but one that changed the operator: what a user upgrades from. OPERATOR_PREVIOUS names another. */
async function buildPreviousOperator(): Promise<PreviousOperator | null> {
  const git = (...args: string[]) => runCommand('git', ['-C', root, ...args]);
  const given = process.env['OPERATOR_PREVIOUS'];
  const history = await git(
    'log',
    '-2',
    '--format=%H',
    given ?? 'HEAD',
    '--',
    'operator',
    'services/contract',
    'charts/bundler-operator',
  );
  const commit = given ? history.split('\n')[0] : history.split('\n')[1];
  if (!commit) return null;
  const files = await git(
    'ls-tree',
    '--name-only',
    commit,
    'operator/Dockerfile',
    'operator/src/main.ts',
    'charts/bundler-operator/Chart.yaml',
  );
  if (files.trim().split('\n').length < 3) return null;
  const previous = `${tag}-previous`;
  const chart = join(root, '.cache/previous-operator-chart');
  await inDirectory(async (directory) => {
    await git('archive', `--output=${directory}/source.tar`, commit);
    await runCommand('tar', ['--extract', `--file=${directory}/source.tar`, `--directory=${directory}`]);
    await rm(chart, { recursive: true, force: true });
    await cp(join(directory, 'charts/bundler-operator'), chart, { recursive: true });
    const labels = ['--build-arg', `VERSION=${previous}`, '--build-arg', `REVISION=${commit}`];
    const args = [...labels, '-f', join(directory, 'operator/Dockerfile'), directory];
    await build(`${registry}/bundler-operator:${previous}`, args);
  });
  return { tag: previous, commit, chart };
}

const s3 = await buildProgram(VERSITYGW);
const k6 = await buildProgram(K6);
const previousOperator = await buildPreviousOperator();
await goProgram(HELM, tools);
const sdk = await findTurboSdk(process.env, progress);
if (sdk.missing !== undefined) throw new Error(sdk.missing);
await writeBuilt({ registry, tag, previousOperator, s3, k6 });
progress(`built ${registry}/{bundler,bundler-operator,bundler-gateway}:${tag}; "make e2e" will install these`);
