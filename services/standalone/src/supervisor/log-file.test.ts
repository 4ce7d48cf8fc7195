import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { LogFile } from './log-file.ts';

describe('LogFile', () => {
  let path = '';
  beforeEach(async () => {
    path = join(await mkdtemp(join(tmpdir(), 'log-')), 'app.log');
  });
  afterEach(() => rm(join(path, '..'), { recursive: true }));

  async function write(...chunks: string[]): Promise<void> {
    const log = new LogFile(path, 10);
    for (const chunk of chunks) log.write(chunk);
    await finished(log.end());
  }

  it('adds to what an earlier run wrote', async () => {
    await write('one\n');
    await write('two\n');
    expect(await readFile(path, 'utf8')).toBe('one\ntwo\n');
  });

  it('keeps the file before the current one, and no more', async () => {
    await write('12345678\n', 'abcdefgh\n', 'ABCDEFGH\n');
    expect(await readFile(path, 'utf8')).toBe('ABCDEFGH\n');
    expect(await readFile(`${path}.1`, 'utf8')).toBe('abcdefgh\n');
  });

  it('writes what is larger than the limit in one piece', async () => {
    await write('a line longer than the limit\n');
    expect(await readFile(path, 'utf8')).toBe('a line longer than the limit\n');
  });
});
