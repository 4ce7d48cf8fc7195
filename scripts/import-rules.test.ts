import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const repository = dirname(import.meta.dirname);
const rooms = [
  'contract',
  'ans104',
  'runtime',
  'adapters',
  'upload',
  'payment',
  'workers',
  'gateway',
  'client',
  'standalone',
  'testing',
];
const libraries = ['typebox', 'knex', 'ioredis', 'fastify'];

/** Files that break a rule each, as [file, what it imports, the rule]. */
const violations: [string, string, string][] = [
  ['services/contract/src/reads.ts', "import 'node:fs'", 'contract-is-words'],
  ['services/contract/src/library.ts', "import 'knex'", 'contract-is-words'],
  ['services/ans104/src/files.ts', "import 'node:fs/promises'", 'ans104-is-bytes'],
  ['services/ans104/src/words.ts', "import '@bundler/contract'", 'room-ans104'],
  ['services/runtime/src/store.ts', "import 'ioredis'", 'runtime-has-no-outside'],
  ['services/runtime/src/up.ts', "import '@bundler/adapters'", 'room-runtime'],
  ['services/runtime/src/spans.ts', "import '@opentelemetry/api'", 'tracing-is-preloaded'],
  ['services/upload/src/spans.ts', "import '@bundler/tracing/preload'", 'tracing-is-preloaded'],
  ['services/tracing/src/up.ts', "import '@bundler/adapters'", 'room-tracing'],
  ['services/adapters/src/web.ts', "import 'fastify'", 'adapters-know-no-http-server'],
  ['services/adapters/src/db/neighbour.ts', "import '../queue/real.ts'", 'adapters-stand-apart'],
  ['services/adapters/src/up.ts', "import type {} from '@bundler/upload'", 'room-adapters'],
  ['services/upload/src/routes/sql.ts', "import 'knex'", 'routes-speak-http'],
  ['services/upload/src/sideways.ts', "import '@bundler/workers'", 'room-upload'],
  ['services/payment/src/sideways.ts', "import '@bundler/upload'", 'room-payment'],
  ['services/payment/src/routes/sql.ts', "import 'knex'", 'routes-speak-http'],
  ['services/payment/src/ledger/now.ts', "import 'node:crypto'", 'ledger-decides'],
  ['services/workers/src/sideways.ts', "import '@bundler/upload'", 'room-workers'],
  ['services/workers/src/stages/plan/policy.ts', "import 'node:crypto'", 'policies-decide'],
  ['services/workers/src/stages/post/policy.ts', "import '@bundler/adapters'", 'policies-decide'],
  ['services/gateway/src/workers.ts', "import '@bundler/workers'", 'room-gateway'],
  ['services/gateway/src/adapters.ts', "import '@bundler/adapters'", 'room-gateway'],
  ['services/client/src/bytes.ts', "import '@bundler/ans104'", 'room-client'],
  ['services/standalone/src/store.ts', "import '@bundler/adapters'", 'room-standalone'],
  ['operator/src/app.ts', "import '@bundler/upload'", 'room-operator'],
  ['operator/src/render/files.ts', "import 'node:fs'", 'render-is-pure'],
  ['operator/src/render/child.ts', "import 'node:child_process'", 'render-is-pure'],
  ['operator/src/render/global.ts', "import 'node:process'", 'render-is-pure'],
  ['operator/src/render/library.ts', "import 'knex'", 'render-is-pure'],
  ['scripts/gate.ts', "import '@bundler/gateway'", 'room-scripts'],
  ['services/standalone/src/harness.ts', "import '@bundler/testing'", 'testing-is-for-tests'],
  ['services/client/src/relative.ts', "import '../../contract/src/index.ts'", 'rooms-by-name'],
  ['services/client/src/nowhere.ts', "import './nowhere-at-all.ts'", 'resolvable'],
  ['services/client/src/circle-a.ts', "import './circle-b.ts'", 'no-cycles'],
];

/** Files that look alike and are right. */
const right: [string, string][] = [
  ['services/contract/src/schema.ts', "import 'typebox'"],
  ['services/ans104/src/hash.ts', "import 'node:crypto'"],
  ['services/ans104/vectors/make.ts', "import 'node:fs'"],
  ['services/adapters/src/queue/real.ts', "import '@bundler/contract'"],
  ['services/adapters/src/cache/reader.ts', "import '../queue/port.ts'"],
  ['services/adapters/src/queue/port.ts', "import type {} from '@bundler/runtime'"],
  ['services/upload/src/main.ts', "import '@bundler/adapters'"],
  ['services/upload/src/ingest/receive.ts', "import type {} from '@bundler/adapters'"],
  ['services/upload/src/upload.test.ts', "import '@bundler/testing'"],
  ['services/workers/src/stages/seed/policy.ts', "import type {} from '@bundler/adapters'"],
  // The way back of circle-a.ts: a cycle is reported once, at the first of its files.
  ['services/client/src/circle-b.ts', "import './circle-a.ts'"],
  ['services/client/src/types-a.ts', "import './types-b.ts'"],
  ['services/client/src/types-b.ts', "import type {} from './types-a.ts'"],
  ['operator/src/render/hash.ts', "import 'node:crypto'"],
  ['services/testing/src/flow.ts', "import '@bundler/upload'"],
];

async function plant(root: string, path: string, text: string): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), `${text}\n`);
}

/** A house with one door a room and empty libraries, so that nothing but the planted imports can break a rule. */
async function buildHouse(root: string): Promise<void> {
  const doors = { type: 'module', exports: { '.': './src/index.ts' } };
  await mkdir(join(root, 'node_modules/@bundler'), { recursive: true });
  for (const [name, folder] of [...rooms.map((room) => [room, `services/${room}`]), ['operator', 'operator']]) {
    await plant(root, `${folder}/package.json`, JSON.stringify({ name: `@bundler/${name}`, ...doors }));
    await plant(root, `${folder}/src/index.ts`, 'export {};');
    await symlink(join(root, `${folder}`), join(root, `node_modules/@bundler/${name}`));
  }
  for (const library of libraries) {
    await plant(root, `node_modules/${library}/package.json`, JSON.stringify({ name: library, main: 'index.js' }));
    await plant(root, `node_modules/${library}/index.js`, '');
  }
  const dependencies = Object.fromEntries(
    [...libraries, ...rooms.map((room) => `@bundler/${room}`)].map((name) => [name, '*']),
  );
  await plant(root, 'package.json', JSON.stringify({ workspaces: ['services/*', 'operator'], dependencies }));
  await plant(root, 'tsconfig.base.json', '{}');
  for (const [path, text] of [...violations, ...right]) await plant(root, path, `${text};`);
}

interface Cruised {
  readonly summary: {
    readonly violations: readonly { readonly from: string; readonly rule: { readonly name: string } }[];
  };
}

/** The rules broken by each file of a house, as depcruise with this repository's rules sees them. */
async function brokenRules(root: string): Promise<Map<string, string[]>> {
  const program = join(repository, 'node_modules/.bin/depcruise');
  const config = join(repository, '.dependency-cruiser.cjs');
  const args = ['services', 'operator', 'scripts', '--config', config, '--output-type', 'json'];
  const { stdout } = await promisify(execFile)(program, args, { cwd: root, maxBuffer: 16 * 1024 * 1024 });
  const broken = new Map<string, string[]>();
  for (const { from, rule } of (JSON.parse(stdout) as Cruised).summary.violations) {
    broken.set(from, [...(broken.get(from) ?? []), rule.name]);
  }
  return broken;
}

describe('the import rules', () => {
  let root: string;
  let broken: Map<string, string[]>;

  beforeAll(async () => {
    root = await realpath(await mkdtemp(join(tmpdir(), 'rooms-')));
    await buildHouse(root);
    broken = await brokenRules(root);
  }, 30_000);
  afterAll(() => rm(root, { recursive: true }));

  it.each(violations)('report %s (%s) as %s', (path, _text, rule) => {
    expect(broken.get(path)).toContain(rule);
  });

  it('leave alone what is right', () => {
    const known = new Set(violations.map(([path]) => path));
    expect([...broken.keys()].filter((path) => !known.has(path))).toEqual([]);
  });
});
