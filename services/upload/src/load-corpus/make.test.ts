import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { signatureTypes, verifyDataItem } from '@bundler/ans104';
import { type IndexRow, makeCorpus } from './make.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'bundler-corpus-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

/** The items of a corpus, put together as k6 does. */
async function itemsIn(directory: string): Promise<{ row: IndexRow; bytes: Buffer }[]> {
  const [headers, payload, index] = await Promise.all(
    ['headers.bin', 'payload.bin', 'index.json'].map((name) => readFile(join(directory, name))),
  );
  return (JSON.parse(String(index)) as IndexRow[]).map((row) => {
    const [, at, headerBytes, payloadBytes] = row;
    const header = headers!.subarray(at, at + headerBytes);
    return { row, bytes: Buffer.concat([header, payload!.subarray(0, payloadBytes)]) };
  });
}

describe('the corpus of a load test', () => {
  it('has every type of signature, and each item is good and is the one its row names', async () => {
    await makeCorpus({ items: 16, mix: 'every-signature', directory, onProgress: () => undefined });
    const items = await itemsIn(directory);
    for (const { row, bytes } of items) {
      const { header, valid } = await verifyDataItem(bytes);
      expect({ valid, id: header.id.toString('base64url') }).toEqual({ valid: true, id: row[0] });
    }
    expect(new Set(items.map(({ row }) => row[5]))).toEqual(
      new Set(Object.values(signatureTypes).map(({ name }) => name)),
    );
    expect(new Set(items.map(({ row }) => row[0])).size).toBe(16);
  });

  it('has payloads of the size that is asked for, and no two corpora have an item in common', async () => {
    const make = async (): Promise<string[]> => {
      await makeCorpus({ items: 3, mix: 'cheap', payloadBytes: 3_000_000, directory, onProgress: () => undefined });
      return (await itemsIn(directory)).map(({ row }) => row[0]);
    };
    const first = await make();
    for (const { bytes, row } of await itemsIn(directory)) {
      expect(bytes.length - row[2]).toBe(3_000_000);
      expect(row[4]).toBe('medium');
      expect((await verifyDataItem(bytes)).valid).toBe(true);
    }
    expect((await make()).filter((id) => first.includes(id))).toEqual([]);
  });

  it('mixes sizes and signatures as its name says, whatever the number of items', async () => {
    await makeCorpus({ items: 120, mix: 'traffic', directory, onProgress: () => undefined });
    const rows = (await itemsIn(directory)).map(({ row }) => row);
    const share = (matches: (row: IndexRow) => boolean): number => rows.filter(matches).length / rows.length;
    expect(Math.abs(share((row) => row[5] === 'arweave') - 0.6)).toBeLessThan(0.1);
    expect(Math.abs(share((row) => row[3] <= 16 * 1024) - 0.75)).toBeLessThan(0.1);
    expect(share((row) => row[4] === 'medium')).toBeGreaterThan(0);
  });
});
