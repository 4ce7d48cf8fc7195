import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { kubeconfig } from '../kube/connection.ts';
import { findControlPlane } from '../kube/index.ts';
import { Stage } from '../operator/kit/stage.ts';
import { describeUnless, Platform } from '../src/index.ts';
import { type Block, blocksOf } from './blocks.ts';
import { pages, ROOT } from './pages.ts';
import { failureOf, type Surroundings, syntaxErrors } from './shell.ts';

const PATIENCE_MS = 90_000;
const blocks = pages().flatMap(({ path, text }) => blocksOf(path, text));
const of = (kind: Block['kind']): [string, Block][] =>
  blocks.filter((block) => block.kind === kind).map((block) => [`${block.page}:${block.line}`, block]);
const surroundings = (env: Record<string, string> = {}): Surroundings => ({
  env: { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '', ...env },
  directory: ROOT,
  patience: PATIENCE_MS,
});

/** Why a program that commands of the documentation need cannot be run here. */
async function missingProgram(program: string): Promise<string | undefined> {
  const block: Block = { kind: 'run', page: program, line: 0, script: `command -v ${program}` };
  return (await failureOf(block, surroundings())) && `no ${program} on the PATH`;
}

const noCurl = await missingProgram('curl');
const noKubectl = await missingProgram('kubectl');
const kube = await findControlPlane(process.env);

it('all commands in the documentation can be parsed', async () => {
  const errors: string[] = [];
  // One after another: the runbooks alone have hundreds.
  for (const block of blocks) errors.push(await syntaxErrors(block, surroundings()));
  expect(errors.join('')).toBe('');
}, 120_000);

describeUnless(noCurl, 'the commands of the documentation, on a platform on one machine', () => {
  let platform: Platform;
  let ports: Record<number, number>;

  beforeAll(async () => {
    platform = await Platform.start({ apis: 1, workers: 1 });
    const api = platform.of('upload')[0]!;
    const port = (url: string): number => Number(new URL(url).port);
    ports = { 3001: port(api.url), 9301: port(api.adminUrl), 1984: port(platform.gateway.url) };
  }, 120_000);
  afterAll(() => platform?.stop());

  it.each(of('run'))(
    'do what they say: %s',
    async (_, block) => {
      const env = { DB_WRITER_URL: platform.database.url };
      expect(await failureOf(block, { ...surroundings(env), ports })).toBeUndefined();
    },
    PATIENCE_MS + 10_000,
  );
});

describeUnless(
  noKubectl ?? kube.missing,
  'the commands of the documentation, on an API server with an operator',
  () => {
    const NAME = 'demo';
    const old = { image: { repository: 'bundler', tag: '1.0.0' } };
    let stage: Stage;
    let directory: string;

    beforeAll(async () => {
      const admin = await kube.shared();
      stage = await Stage.open(admin);
      stage.nodes.start();
      await stage.operate();
      directory = await mkdtemp(join(tmpdir(), 'bundler-docs-'));
      await writeFile(join(directory, 'kubeconfig'), kubeconfig(admin), { mode: 0o600 });
      // As docs/kubectl-bundler.md has it installed.
      await mkdir(join(directory, 'bin'));
      await symlink(join(ROOT, 'operator/bin/kubectl-bundler'), join(directory, 'bin/kubectl-bundler'));
      // A platform that has been upgraded once: what rolls back needs somewhere to go.
      await stage.configure(NAME, old);
      await stage.condition(NAME, 'Ready', 'True', PATIENCE_MS);
      await stage.configure(NAME, { image: { repository: 'bundler', tag: '2.0.0' } });
      await stage.condition(NAME, 'Ready', 'True', PATIENCE_MS);
    }, 240_000);
    afterAll(async () => {
      await stage?.close();
      await rm(directory, { recursive: true, force: true });
    });

    it.each(of('cluster'))(
      'do what they say: %s',
      async (_, block) => {
        const env = {
          NAME,
          NAMESPACE: stage.namespace,
          KUBECONFIG: join(directory, 'kubeconfig'),
          TMPDIR: directory,
          PATH: [join(directory, 'bin'), process.env.PATH].join(delimiter),
        };
        expect(await failureOf(block, surroundings(env))).toBeUndefined();
      },
      PATIENCE_MS + 10_000,
    );
  },
);
