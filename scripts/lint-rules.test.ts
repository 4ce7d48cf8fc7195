import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const repository = dirname(import.meta.dirname);

/** Files that break a rule each. The type-aware ones are silent, and not wrong, when their engine is missing. */
const violations: [string, string, string][] = [
  ['no-floating-promises', 'services/x/src/a.ts', 'declare function save(): Promise<void>;\nsave();\nexport {};'],
  ['no-misused-promises', 'services/x/src/b.ts', 'declare const p: Promise<boolean>;\nexport const y = p ? 1 : 2;'],
  ['no-process-env', 'services/x/src/c.ts', 'export const home = process.env.HOME;'],
  ['no-explicit-any', 'services/x/src/d.ts', 'export const parse = (text: any): string => String(text);'],
  ['no-restricted-jest-methods', 'services/x/src/e.test.ts', "jest.mock('./a.ts');"],
  ['no-focused-tests', 'services/x/src/f.test.ts', "it.only('is alone', () => expect(1).toBe(1));"],
  ['no-restricted-globals', 'operator/src/render/g.ts', 'export const now = (): number => Date.now();'],
  ['no-restricted-imports', 'services/workers/src/i.ts', "import { openPool } from '@bundler/adapters';\nopenPool();"],
  ['no-default-export', 'services/x/src/h.ts', 'const one = 1;\nexport default one;'],
];
const right: [string, string][] = [
  ['services/upload/src/main.ts', "import { openPool } from '@bundler/adapters';\nopenPool();"],
  [
    'services/upload/src/ingest/j.ts',
    "import { ObjectNotFound, type ObjectStore } from '@bundler/adapters';\nexport const e = (s: ObjectStore) => s instanceof ObjectNotFound;",
  ],
  ['services/x/src/main.ts', 'console.log(process.env.HOME);\nexport {};'],
  ['operator/src/watch.ts', 'export const now = (): number => Date.now();'],
];

/** The rules broken by each file below `root`, as oxlint with this repository's rules sees them. */
async function brokenRules(root: string): Promise<Map<string, string[]>> {
  const program = join(repository, 'node_modules/.bin/oxlint');
  const args = ['--type-aware', '--deny-warnings', '-f', 'json'];
  // oxlint exits with 1 when it finds something, which is what it is here for.
  const stdout = await new Promise<string>((resolve) => {
    execFile(program, args, { cwd: root }, (_error, out) => resolve(out));
  });
  const { diagnostics } = JSON.parse(stdout) as { diagnostics: { code: string; filename: string }[] };
  const broken = new Map<string, string[]>();
  for (const { code, filename } of diagnostics) {
    broken.set(filename, [...(broken.get(filename) ?? []), /\((.*)\)/.exec(code)?.[1] ?? code]);
  }
  return broken;
}

describe('the lint rules', () => {
  let root: string;
  let broken: Map<string, string[]>;

  beforeAll(async () => {
    root = await realpath(await mkdtemp(join(tmpdir(), 'lint-')));
    const files = [...violations.map(([_rule, path, text]) => [path, text] as const), ...right];
    for (const [path, text] of files) {
      await mkdir(dirname(join(root, path)), { recursive: true });
      await writeFile(join(root, path), `${text}\n`);
    }
    // By reference: a link to node_modules in here would be linted too.
    const types = { typeRoots: [join(repository, 'node_modules/@types')], types: ['node', 'jest'] };
    const compilerOptions = { strict: true, module: 'nodenext', target: 'es2024', ...types };
    await writeFile(
      join(root, 'tsconfig.json'),
      JSON.stringify({ compilerOptions, include: ['services', 'operator'] }),
    );
    // The paths in its overrides are relative to where it lies.
    await copyFile(join(repository, '.oxlintrc.json'), join(root, '.oxlintrc.json'));
    broken = await brokenRules(root);
  }, 30_000);
  afterAll(() => rm(root, { recursive: true }));

  it.each(violations)('report %s', (rule, path) => {
    expect(broken.get(path)).toEqual([rule]);
  });

  it('leave alone what is right', () => {
    const known = new Set(violations.map(([_rule, path]) => path));
    expect([...broken.keys()].filter((path) => !known.has(path))).toEqual([]);
  });
});
