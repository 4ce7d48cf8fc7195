import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { objectStoreConformance } from './conformance.ts';
import { FsObjectStore } from './fs.ts';

describe('file-system object store', () => {
  let root: string;
  objectStoreConformance(async () => {
    root = await mkdtemp(join(tmpdir(), 'bundler-objects-'));
    return new FsObjectStore(root);
  });
  afterAll(() => rm(root, { recursive: true }));

  it.each(['../escape/x', 'a/../../b', '/etc/passwd', 'no-folder'])('refuses the key %s', async (key) => {
    await expect(new FsObjectStore(root).put(key, [])).rejects.toThrow(/not an object key/);
  });
});
