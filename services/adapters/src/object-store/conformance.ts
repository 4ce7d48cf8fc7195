import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { ObjectNotFound, type ObjectStore } from './port.ts';

const MiB = 1024 * 1024;

async function gather(pieces: AsyncIterable<Buffer>): Promise<Buffer> {
  const all: Buffer[] = [];
  for await (const piece of pieces) all.push(piece);
  return Buffer.concat(all);
}

async function keys(store: ObjectStore, prefix: string): Promise<string[]> {
  const found: string[] = [];
  for await (const object of store.list(prefix)) found.push(object.key);
  return found.sort();
}

/** What every object store must do; each implementation runs it against the real thing. */
export function objectStoreConformance(open: () => Promise<ObjectStore>): void {
  let store: ObjectStore;
  const newKey = (): string => `conformance/${randomUUID()}`;

  beforeAll(async () => {
    store = await open();
  });
  afterAll(() => store.close());

  it('is usable', () => store.check());

  it('gives back the pieces of a put in their order, whole and in ranges', async () => {
    const key = newKey();
    const pieces = [randomBytes(10), Buffer.alloc(0), randomBytes(70_000), randomBytes(1)];
    const whole = Buffer.concat(pieces);
    await store.put(key, pieces);
    expect((await gather(store.read(key, 0, whole.length))).equals(whole)).toBe(true);
    expect((await gather(store.read(key, 5, 20))).equals(whole.subarray(5, 20))).toBe(true);
    expect((await gather(store.read(key, 7, 7))).length).toBe(0);
  });

  it('gives back the same bytes to those who are done with a piece when they ask for the next', async () => {
    const key = newKey();
    const content = randomBytes(5 * MiB + 17);
    await store.put(key, [content]);
    const hashed = async (start: number, end: number): Promise<string> => {
      const hash = createHash('sha256');
      for await (const piece of store.readTransient(key, start, end)) hash.update(piece);
      return hash.digest('hex');
    };
    const ranges = [
      [0, content.length],
      [7, 3 * MiB],
      [content.length - 1, content.length],
      [5, 5],
    ] as const;
    const expected = ranges.map(([start, end]) =>
      createHash('sha256').update(content.subarray(start, end)).digest('hex'),
    );
    // Side by side, and again with whatever the first round has left to be used again.
    for (let round = 0; round < 2; round += 1) {
      expect(await Promise.all(ranges.map(([start, end]) => hashed(start, end)))).toEqual(expected);
    }
    for await (const piece of store.readTransient(key, 0, content.length)) if (piece.length > 0) break;
    expect(await hashed(0, content.length)).toBe(expected[0]);
    await expect(hashed(0, content.length + 1)).rejects.toThrow(/expected/);
    await expect(gather(store.readTransient(newKey(), 0, 1))).rejects.toThrow(ObjectNotFound);
  });

  it('puts more pieces at once than one system call takes', async () => {
    const key = newKey();
    const pieces = Array.from({ length: 3000 }, () => randomBytes(3));
    await store.put(key, pieces);
    expect((await gather(store.read(key, 0, 9000))).equals(Buffer.concat(pieces))).toBe(true);
  });

  it.each([0, 100, 12 * MiB + 17])('streams an object of %i bytes through a writer', async (size) => {
    const key = newKey();
    const content = randomBytes(size);
    const writer = await store.createWriter(key);
    for (let at = 0; at < size; at += 65_536) await writer.write(Buffer.from(content.subarray(at, at + 65_536)));
    await writer.commit();
    expect((await gather(store.read(key, 0, size))).equals(content)).toBe(true);
    expect(await keys(store, key)).toEqual([key]);
  });

  it('leaves no piece that it has written to be collected, and takes nothing from who shares the memory of one', async () => {
    const key = newKey();
    const shared = randomBytes(100);
    const pieces = [randomBytes(2 * MiB), shared.subarray(10, 20), randomBytes(10_000)];
    const whole = Buffer.concat(pieces);
    const before = Buffer.from(shared);
    const writer = await store.createWriter(key);
    for (const piece of pieces) await writer.write(piece);
    await writer.commit();
    expect(pieces.map(({ length }) => length)).toEqual([0, 10, 0]);
    expect(shared.equals(before)).toBe(true);
    expect((await gather(store.read(key, 0, whole.length))).equals(whole)).toBe(true);
  });

  it('takes a piece larger than whatever it gathers', async () => {
    const key = newKey();
    const content = randomBytes(17 * MiB + 3);
    const writer = await store.createWriter(key);
    await writer.write(content.subarray(0, 10));
    await writer.write(content.subarray(10));
    await writer.commit();
    expect((await gather(store.read(key, 0, content.length))).equals(content)).toBe(true);
    expect((await gather(store.read(key, 6 * MiB, 6 * MiB + 9))).equals(content.subarray(6 * MiB, 6 * MiB + 9))).toBe(
      true,
    );
  });

  it('keeps a committed object when its writer is aborted afterwards, and lets an unused one be aborted', async () => {
    const key = newKey();
    const writer = await store.createWriter(key);
    await writer.write(randomBytes(11 * MiB));
    await writer.commit();
    await writer.abort();
    expect(await keys(store, key)).toEqual([key]);
    const unused = await store.createWriter(newKey());
    await unused.abort();
    await unused.abort();
  });

  it('shows nothing of an object whose writer was aborted', async () => {
    const key = newKey();
    const writer = await store.createWriter(key);
    await writer.write(randomBytes(6 * MiB));
    await writer.abort();
    expect(await keys(store, key)).toEqual([]);
    await expect(gather(store.read(key, 0, 1))).rejects.toThrow(ObjectNotFound);
  });

  it('shows nothing of an object before its commit, and sweeps what a dead writer left', async () => {
    const key = newKey();
    const writer = await store.createWriter(key);
    for (let part = 0; part < 3; part += 1) await writer.write(randomBytes(6 * MiB));
    expect(await keys(store, key)).toEqual([]);
    expect(await store.sweepAbandoned(3_600_000)).toBe(0);
    expect(await store.sweepAbandoned(-60_000)).toBeGreaterThanOrEqual(1);
    await writer.abort().catch(() => undefined);
  });

  it('says that an object is missing or shorter than expected', async () => {
    const key = newKey();
    await expect(gather(store.read(key, 0, 10))).rejects.toThrow(ObjectNotFound);
    await store.put(key, [randomBytes(5)]);
    await expect(gather(store.read(key, 0, 10))).rejects.toThrow(/expected/);
  });

  it('lists how large its objects are and when they were written', async () => {
    const key = newKey();
    await store.put(key, [randomBytes(1234)]);
    const found = [];
    for await (const object of store.list(key)) found.push(object);
    expect(found).toEqual([{ key, byteCount: 1234, modifiedAt: expect.any(Number) }]);
    expect(Math.abs(found[0]!.modifiedAt - Date.now())).toBeLessThan(60_000);
  });

  it('deletes, also twice, and lists only what starts with the prefix', async () => {
    const prefix = `conformance/${randomUUID()}`;
    await store.put(`${prefix}-a`, [randomBytes(1)]);
    await store.put(`${prefix}-b`, [randomBytes(2)]);
    expect(await keys(store, prefix)).toEqual([`${prefix}-a`, `${prefix}-b`]);
    await store.delete(`${prefix}-a`);
    await store.delete(`${prefix}-a`);
    expect(await keys(store, prefix)).toEqual([`${prefix}-b`]);
  });
}
