import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ChunkStore } from './chunk-store.ts';

const dir = mkdtempSync(join(tmpdir(), 'chunks-'));
const ref = { dataRoot: Buffer.alloc(32, 1).toString('base64url'), size: 8 };
const path = Buffer.from('proof');

afterAll(() => rmSync(dir, { recursive: true }));

describe('a chunk store', () => {
  it('finds its chunks again when opened anew, and removes what an interrupted write left', async () => {
    const first = new ChunkStore(dir);
    await first.put(ref, { left: 3, right: 8 }, { bytes: Buffer.from('defgh'), path });
    const [folder = ''] = readdirSync(dir);
    writeFileSync(join(dir, folder, 'write-9'), 'ab');

    const second = new ChunkStore(dir);
    expect(readdirSync(join(dir, folder))).toEqual(['3-8']);
    expect(second.has(ref)).toBe(false);
    await second.put(ref, { left: 0, right: 3 }, { bytes: Buffer.from('abc'), path });
    expect(second.has(ref)).toBe(true);
    const range = second.rangeAt(ref, 5);
    expect(range).toEqual({ left: 3, right: 8 });
    expect(await second.read(ref, { left: 3, right: 8 })).toEqual({ bytes: Buffer.from('defgh'), path });
  });

  it('keeps the same root with another size apart', () => {
    const store = new ChunkStore(dir);
    expect(store.has({ ...ref, size: 3 })).toBe(false);
    expect(store.rangeAt({ ...ref, size: 3 }, 0)).toBeUndefined();
  });
});
