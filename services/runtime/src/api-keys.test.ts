import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ApiKeys, loadApiKeys } from './api-keys.ts';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

describe('API keys', () => {
  const key = randomBytes(32).toString('base64url');
  let directory: string;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'api-keys-'));
  });
  afterAll(() => rm(directory, { recursive: true, force: true }));

  async function load(content: string): Promise<ApiKeys> {
    const path = join(directory, 'keys');
    await writeFile(path, content);
    return loadApiKeys(path);
  }

  it('name who holds one, however the file is laid out', async () => {
    const keys = await load(`# clients\n\n${sha256('x').toUpperCase()}\tother\r\n${sha256(key)}  indexer\n`);
    expect(keys.holder({ authorization: `Bearer ${key}` })).toBe('indexer');
    expect(keys.holder({ authorization: `bearer ${key}` })).toBe('indexer');
  });

  it('are not whatever stands in the header, nor the digest of one', async () => {
    const keys = await load(`${sha256(key)} indexer`);
    for (const authorization of [undefined, '', 'Bearer', `Bearer ${key}x`, `Basic ${key}`, `Bearer ${sha256(key)}`]) {
      expect(keys.holder({ authorization })).toBeUndefined();
    }
  });

  it('are refused with the line that is wrong, without what stands in it', async () => {
    const wrong = load(`${sha256('x')} other\n${key} indexer`);
    await expect(wrong).rejects.toThrow(/^Line 2 of .*API_KEYS_FILE/);
    await expect(wrong).rejects.not.toThrow(key);
  });

  it('are none without a file, and a file that is missing is told', async () => {
    expect((await loadApiKeys('')).holder({ authorization: `Bearer ${key}` })).toBeUndefined();
    await expect(loadApiKeys(join(directory, 'none'))).rejects.toThrow('API_KEYS_FILE');
  });
});
