import { randomUUID } from 'node:crypto';
import { Bundles, type Database, DataItems, MultipartUploads, type Part, Planning } from '@bundler/adapters';
import { partKey } from '@bundler/contract';
import { createDatabase, openTestDatabase, type TestDatabase } from '../src/index.ts';
import { age, bundleOf, newItem } from './fixtures/rows.ts';

const CHUNK = 100;
const HOUR = 3_600_000;

describe('multipart uploads in PostgreSQL', () => {
  let database: TestDatabase;
  let opened: Database;
  let uploads: MultipartUploads;
  let items: DataItems;
  let bundles: Bundles;

  beforeAll(async () => {
    database = await createDatabase();
    opened = await openTestDatabase(database.url);
    uploads = new MultipartUploads(opened.writer);
    items = new DataItems(opened);
    bundles = new Bundles(opened.writer);
  });
  afterAll(async () => {
    await opened?.close();
    await database?.drop();
  });
  beforeEach(async () => {
    await opened.writer.raw('truncate bundles, data_items, segments, multipart_uploads, multipart_parts');
  });

  async function open(chunkSize = CHUNK): Promise<string> {
    const id = randomUUID();
    expect(await uploads.create({ id, chunkSize, ttlMs: HOUR, maxOpen: 100 })).toBe(true);
    return id;
  }
  function part(offset: number, byteCount = CHUNK): Part {
    const id = randomUUID();
    return { id, offset, byteCount, objectKey: partKey(id) };
  }
  /** An upload with parts whose finalization was asked for. */
  async function closed(...parts: Part[]): Promise<string> {
    const id = await open();
    for (const each of parts) await uploads.putPart(id, each);
    expect(await uploads.requestFinalization(id, 'arweave')).toBe(true);
    return id;
  }

  it('gives the parts in the order of their bytes, whatever order they came in', async () => {
    const id = await open();
    const [first, second, third] = [part(0), part(CHUNK), part(2 * CHUNK, 7)];
    for (const each of [third, first, second]) {
      expect(await uploads.putPart(id, each)).toEqual({ state: 'stored', replaced: undefined });
    }
    expect(await uploads.parts(id)).toEqual([first, second, third]);
    expect(await uploads.parts(await open())).toEqual([]);
  });

  it('puts a part that is sent again in the place of the earlier one, also when both come at once', async () => {
    const id = await open();
    const tries = [part(0), part(0), part(0), part(0)];
    const put = await Promise.all(tries.map((each) => uploads.putPart(id, each)));
    const [kept] = await uploads.parts(id);
    const replaced = put.map((each) => (each.state === 'stored' ? each.replaced : 'refused'));
    expect(await uploads.parts(id)).toHaveLength(1);
    // Every object but the one that is kept was given back to be deleted, by exactly one of them.
    const others = tries.map(({ objectKey }) => objectKey).filter((key) => key !== kept!.objectKey);
    expect(replaced.filter((key) => key !== undefined).sort()).toEqual(others.sort());
  });

  it('lets a longer part raise the chunk size, and refuses what is misaligned then', async () => {
    const id = await open();
    expect(await uploads.putPart(id, part(0, 300))).toMatchObject({ state: 'stored' });
    expect(await uploads.find(id)).toMatchObject({ chunkSize: 300 });
    expect(await uploads.putPart(id, part(CHUNK))).toEqual({ state: 'misaligned', chunkSize: 300 });
    expect(await uploads.parts(id)).toHaveLength(1);
  });

  it('takes no part once its finalization was asked for, which one of many is told to have done', async () => {
    const id = await open();
    await uploads.putPart(id, part(0));
    const asked = await Promise.all(Array.from({ length: 5 }, () => uploads.requestFinalization(id, 'kyve')));
    expect(asked.filter(Boolean)).toHaveLength(1);
    expect(await uploads.putPart(id, part(CHUNK))).toEqual({ state: 'closed' });
    expect(await uploads.find(id)).toMatchObject({ state: 'validating', token: 'kyve', itemId: null });
  });

  it('opens no more uploads than may be open, and counts neither finalized nor expired ones', async () => {
    const one = { chunkSize: CHUNK, ttlMs: HOUR, maxOpen: 2 };
    const create = () => uploads.create({ ...one, id: randomUUID() });
    const [first, second] = [await open(), await open()];
    expect(await create()).toBe(false);
    await uploads.requestFinalization(first, 'arweave');
    expect(await create()).toBe(true);
    expect(await create()).toBe(false);
    await opened.writer.raw('update multipart_uploads set expires_at = now() where id = ?', [second]);
    expect(await create()).toBe(true);
  });

  it('accepts the item once, however many workers have it, and its bytes are the parts', async () => {
    const parts = [part(0), part(CHUNK, 50)];
    const id = await closed(...parts);
    const item = newItem({ byteCount: 150 });
    await uploads.markValidated(id);
    expect(await uploads.find(id)).toMatchObject({ state: 'finalizing' });
    const outcomes = await Promise.all(Array.from({ length: 4 }, () => uploads.accept(id, item, HOUR)));
    expect(outcomes.sort()).toEqual(['accepted', undefined, undefined, undefined]);
    expect(await uploads.find(id)).toMatchObject({ state: 'finalized', itemId: item.id });
    expect(await uploads.fail(id, 'INVALID', HOUR)).toBe(false);

    const bundle = bundleOf([item]);
    await new Planning(opened.writer).transaction((planning) => planning.insertBundle('default', bundle));
    expect(await bundles.items(bundle.id)).toEqual([
      {
        id: item.id,
        byteCount: 150,
        extents: parts.map(({ objectKey, byteCount }) => ({ objectKey, start: 0, byteCount })),
      },
    ]);
  });

  it('takes an item that is known for a duplicate, and revives one that had failed', async () => {
    const item = newItem();
    expect(await uploads.accept(await closed(part(0)), item, HOUR)).toBe('accepted');
    const again = await closed(part(0));
    expect(await uploads.accept(again, { ...item, winc: '5' }, HOUR)).toBe('duplicate');
    expect(await uploads.find(again)).toMatchObject({ state: 'finalized', itemId: item.id });
    await opened.writer.raw(`update data_items set failed_at = now(), failed_reason = 'lost'`);
    const revived = await closed(part(0));
    expect(await uploads.accept(revived, { ...item, winc: '5' }, HOUR)).toBe('accepted');
    const known = (await items.findKnown([item.id])).get(item.id.toString('base64url'));
    expect(known).toMatchObject({ segmentId: revived, failed: false, winc: '5' });
  });

  it('finds finalizations that stand still, each once in a while', async () => {
    await open();
    const [one, two] = [await closed(part(0)), await closed(part(0))];
    await uploads.markValidated(two);
    expect(await uploads.takeStill(HOUR, 10)).toEqual([]);
    await age(opened.writer, 'multipart_uploads', 'checked_at', HOUR);
    expect((await uploads.takeStill(HOUR, 10)).sort()).toEqual([one, two].sort());
    expect(await uploads.takeStill(HOUR, 10)).toEqual([]);
  });

  it('ends what was never finalized when its time is over, at once for those who ask', async () => {
    const [late, done] = [await open(), await closed(part(0))];
    await opened.writer.raw('update multipart_uploads set expires_at = now()');
    expect(await uploads.find(late)).toBeUndefined();
    expect(await uploads.putPart(late, part(0))).toEqual({ state: 'closed' });
    expect(await uploads.requestFinalization(late, 'arweave')).toBe(false);
    expect(await uploads.expire()).toBe(1);
    expect(await uploads.expire()).toBe(0);
    expect(await uploads.findSpent(HOUR, 10)).toEqual([late]);
    expect(await uploads.find(done)).toMatchObject({ state: 'validating' });
  });

  it('finds the parts of an accepted item spent only when it has been permanent or failed for long enough', async () => {
    const id = await closed(part(0));
    const item = newItem();
    await uploads.accept(id, item, HOUR);
    await age(opened.writer, 'multipart_uploads', 'moved_at', 10 * HOUR);
    expect(await uploads.findSpent(HOUR, 10)).toEqual([]);
    await opened.writer.raw('update data_items set failed_at = now()');
    expect(await uploads.findSpent(HOUR, 10)).toEqual([]);
    await age(opened.writer, 'data_items', 'failed_at', HOUR);
    expect(await uploads.findSpent(HOUR, 10)).toEqual([id]);
    await uploads.markFreed(id);
    expect(await uploads.findSpent(HOUR, 10)).toEqual([]);
    expect(await uploads.parts(id)).toEqual([]);
  });

  it.each(['failed', 'known', 'aborted'])(
    'finds the parts of an upload that ended as %s spent at once',
    async (how) => {
      const id = how === 'aborted' ? await open() : await closed(part(0));
      const item = newItem();
      await items.insertGroup({ id: randomUUID(), objectKey: 'segments/aa/other', byteCount: 1 }, [item]);
      if (how === 'failed') expect(await uploads.fail(id, 'UNDERFUNDED', HOUR)).toBe(true);
      if (how === 'known') expect(await uploads.finishKnown(id, item.id, HOUR)).toBe(true);
      if (how === 'aborted') expect(await uploads.abort(id)).toBe(true);
      expect(await uploads.findSpent(HOUR, 10)).toEqual([id]);
    },
  );

  it('forgets an upload when its parts are freed and nobody may ask for its outcome any more', async () => {
    const [failed, aborted] = [await closed(part(0)), await open()];
    await uploads.fail(failed, 'INVALID', HOUR);
    await uploads.abort(aborted);
    await uploads.forgetFreed();
    const left = async () => (await opened.writer('multipart_uploads').pluck('id')).sort();
    expect(await left()).toEqual([failed, aborted].sort());
    for (const id of [failed, aborted]) await uploads.markFreed(id);
    await uploads.forgetFreed();
    expect(await left()).toEqual([failed]);
    expect(await uploads.find(failed)).toMatchObject({ state: 'failed', failedReason: 'INVALID' });
    await age(opened.writer, 'multipart_uploads', 'expires_at', HOUR);
    await uploads.forgetFreed();
    expect(await left()).toEqual([]);
  });

  it('tells the keys that no part has', async () => {
    const known = part(0);
    await uploads.putPart(await open(), known);
    const unknown = partKey(randomUUID());
    expect(await uploads.unknownKeys([known.objectKey, unknown, 'parts/aa/not-ours'])).toEqual([unknown]);
  });

  it('holds 10,000 parts, and gives them in order', async () => {
    const id = await open();
    const rows = Array.from({ length: 10_000 }, (_, index) => part(index * CHUNK));
    await opened.writer.batchInsert(
      'multipart_parts',
      rows.map(({ id: partId, offset, byteCount, objectKey }) => ({
        id: partId,
        upload_id: id,
        part_offset: offset,
        byte_count: byteCount,
        object_key: objectKey,
      })),
      1000,
    );
    expect(await uploads.parts(id)).toEqual(rows);
  });
});
