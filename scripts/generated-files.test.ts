import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findStale, writeGenerated } from './generated-files.ts';

const one = { path: 'one.txt', print: () => 'first\n' };
const two = { path: 'docs/reference/two.md', print: async () => 'second\n' };

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'generated-'));
});
afterEach(() => rm(root, { recursive: true }));

describe('generated files', () => {
  it('are current after they were written, and are not written again', async () => {
    expect(await writeGenerated(root, [one, two])).toEqual(['one.txt', 'docs/reference/two.md']);
    expect(await readFile(join(root, 'docs/reference/two.md'), 'utf8')).toBe('second\n');
    expect(await findStale(root, [one, two])).toEqual([]);
    expect(await writeGenerated(root, [one, two])).toEqual([]);
  });

  it('are all reported when they are missing or were changed', async () => {
    await writeGenerated(root, [one]);
    await writeFile(join(root, 'one.txt'), 'first\nedited\n');
    expect(await findStale(root, [one, two])).toEqual([
      'one.txt is not what its source says',
      'docs/reference/two.md is missing',
    ]);
  });

  it('are the only files in docs/reference', async () => {
    await writeGenerated(root, [one, two]);
    await writeFile(join(root, 'docs/reference/old.md'), 'left over\n');
    expect(await findStale(root, [one, two])).toEqual([
      'docs/reference/old.md is printed by nothing; delete it or move it elsewhere',
    ]);
  });
});
