import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withFileLock } from './file-lock.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'bundler-lock-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

describe('withFileLock', () => {
  it('lets one in at a time, and tells the other that it waits', async () => {
    const path = join(directory, 'lock');
    const order: string[] = [];
    let second: Promise<unknown> = Promise.resolve();
    await withFileLock(path, fail, async () => {
      order.push('first in');
      await new Promise<void>((secondWaits) => {
        second = withFileLock(path, secondWaits, async () => order.push('second in'));
      });
      order.push('first out');
    });
    await second;
    expect(order).toEqual(['first in', 'first out', 'second in']);
    expect(await readdir(directory)).toEqual([]);
  });

  it('is free again when the work fails', async () => {
    const path = join(directory, 'lock');
    await expect(withFileLock(path, fail, () => Promise.reject(new Error('no disk')))).rejects.toThrow('no disk');
    await expect(withFileLock(path, fail, async () => 'done')).resolves.toBe('done');
  });

  it('passes over the lock of a process that died', async () => {
    const path = join(directory, 'lock');
    await writeFile(path, '');
    const long = new Date(Date.now() - 60_000);
    await utimes(path, long, long);
    await expect(withFileLock(path, fail, async () => 'done')).resolves.toBe('done');
  });
});

function fail(): never {
  throw new Error('nobody else holds the lock');
}
