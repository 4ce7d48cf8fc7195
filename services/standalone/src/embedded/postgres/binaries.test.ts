import { mkdirSync, mkdtempSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hydrateSymlinks } from './binaries.ts';

describe('the library links of the PostgreSQL package', () => {
  const directory = mkdtempSync(join(tmpdir(), 'pg-package-'));
  const library = (name: string) => join(directory, 'native', 'lib', name);
  beforeAll(() => {
    mkdirSync(join(directory, 'native', 'lib'), { recursive: true });
    writeFileSync(library('libx.so.1.2'), 'the library');
    writeFileSync(
      join(directory, 'native', 'pg-symlinks.json'),
      JSON.stringify([{ source: 'native/lib/libx.so.1.2', target: 'native/lib/libx.so.1' }]),
    );
  });
  afterAll(() => rmSync(directory, { recursive: true }));

  it('are made where npm ran no install script, relative to their place', async () => {
    await hydrateSymlinks(directory);
    expect(readlinkSync(library('libx.so.1'))).toBe('libx.so.1.2');
    expect(readFileSync(library('libx.so.1'), 'utf8')).toBe('the library');
  });

  it('are left alone where they are', async () => {
    await hydrateSymlinks(directory);
    await expect(hydrateSymlinks(directory)).resolves.toBeUndefined();
  });
});
