import { arweaveSigner, type BundlerClient } from '@bundler/client';
import type { ItemOffsets, ItemStatus } from '@bundler/contract';
import type { DataItem } from 'arbundles';
import pg from 'pg';
import { Platform, testWallet, until } from '../src/index.ts';
import { BUNDLE_TAGS, Bundler, unsignedBundle } from '../src/nested-bundle.ts';

const IN_TIME = { intervalMs: 50, timeoutMs: 60_000 };
const LIMIT_MS = 90_000;

/** What a platform of one API says, and what is in its database. */
class Seen {
  readonly platform: Platform;
  readonly client: BundlerClient;
  readonly db: pg.Client;
  readonly #url: string;

  private constructor(platform: Platform, db: pg.Client) {
    this.platform = platform;
    this.client = platform.client();
    this.db = db;
    this.#url = platform.of('upload')[0]!.url;
  }

  static async start(options: Parameters<typeof Platform.start>[0]): Promise<Seen> {
    const platform = await Platform.start(options);
    const db = new pg.Client({ connectionString: platform.database.url });
    await db.connect();
    return new Seen(platform, db);
  }

  async stop(): Promise<void> {
    await this.db.end();
    await this.platform.stop();
  }

  /** Undefined while it is not known. */
  async offsets(id: string): Promise<ItemOffsets | undefined> {
    const answer = await fetch(`${this.#url}/v1/tx/${id}/offsets`);
    if (answer.status === 404) return undefined;
    if (answer.headers.get('cache-control') !== 'public, max-age=60') throw new Error(`answered ${answer.status}`);
    return (await answer.json()) as ItemOffsets;
  }

  async knownOffsets(id: string): Promise<ItemOffsets> {
    await until(async () => (await this.offsets(id)) !== undefined, 30_000);
    return (await this.offsets(id))!;
  }

  /** Some bytes of what the gateway has under an id. */
  async range(id: string, start: number, byteCount: number): Promise<Buffer> {
    const range = `bytes=${start}-${start + byteCount - 1}`;
    const answer = await fetch(`${this.platform.gateway.url}/raw/${id}`, { headers: { range } });
    if (answer.status !== 206) throw new Error(`the gateway answered ${answer.status}`);
    return Buffer.from(await answer.arrayBuffer());
  }

  async unbundling(
    id: string,
  ): Promise<{ state: string; items: number; problems: object; failed_reason: string } | undefined> {
    const { rows } = await this.db.query('select * from unbundlings where item_id = $1', [
      Buffer.from(id, 'base64url'),
    ]);
    return rows[0];
  }

  async ended(id: string): Promise<Awaited<ReturnType<Seen['unbundling']>>> {
    await until(async () => ['done', 'failed'].includes((await this.unbundling(id))?.state ?? ''), 30_000);
    return this.unbundling(id);
  }

  /** Everything that is recorded of what an item holds, but when. */
  async places(id: string): Promise<unknown[]> {
    const { rows } = await this.db.query(
      `select id, parent_id, start_in_root, start_in_parent_payload, byte_count, payload_start, content_type
       from nested_items where root_item_id = $1 order by start_in_root`,
      [Buffer.from(id, 'base64url')],
    );
    return rows;
  }
}

describe('items inside of items', () => {
  let seen: Seen;
  let make: Bundler;
  beforeAll(async () => {
    const env = { FREE_UPLOAD_LIMIT: String(32 * 1024 * 1024), UNBUNDLE_MAX_DEPTH: '3', UNBUNDLE_MAX_ITEMS: '50' };
    seen = await Seen.start({ env });
    make = await Bundler.open();
  }, LIMIT_MS);
  afterAll(() => seen?.stop());

  /** A root with two levels below it. */
  async function family(): Promise<{ root: DataItem; middle: DataItem; leaf: DataItem; beside: DataItem }> {
    const leaf = await make.item('a leaf', [{ name: 'Content-Type', value: 'text/plain' }]);
    const middle = await make.carrier([await make.item('first'), leaf]);
    const beside = await make.item(Buffer.alloc(2_000_000, 7));
    return { root: await make.carrier([beside, middle]), middle, leaf, beside };
  }

  it.each<[string, (item: DataItem) => Promise<unknown>]>([
    ['one request', (item) => seen.client.uploadSigned(item.getRaw())],
    [
      'parts',
      (item) => seen.client.uploadSignedInParts(new Blob([item.getRaw() as never]), { chunkSize: 5 * 1024 * 1024 }),
    ],
  ])(
    'uploaded in %s are found, and can be read by range once they are permanent',
    async (_, upload) => {
      const { root, middle, leaf, beside } = await family();
      expect(await seen.offsets(leaf.id)).toBeUndefined();
      expect(await seen.client.status(leaf.id)).toBeUndefined();
      await upload(root);

      const early = await seen.knownOffsets(leaf.id);
      expect(early).toMatchObject({
        dataItemId: leaf.id,
        parentDataItemId: middle.id,
        rawContentLength: leaf.getRaw().length,
        payloadContentType: 'text/plain',
        payloadContentLength: 'a leaf'.length,
        payloadDataStart: leaf.getRaw().length - 'a leaf'.length,
      });
      const status = (await seen.client.status(leaf.id)) as ItemStatus;
      expect(status).toMatchObject({ status: 'CONFIRMED', winc: '0', parentDataItemId: middle.id });

      await seen.client.waitFor(root.id, 'permanent', IN_TIME);
      const ofRoot = await seen.knownOffsets(root.id);
      expect(ofRoot.parentDataItemId).toBeUndefined();
      for (const [item, parent] of [
        [leaf, middle],
        [middle, root],
        [beside, root],
      ] as const) {
        const offsets = await seen.knownOffsets(item.id);
        expect(offsets).toMatchObject({ parentDataItemId: parent.id, rootBundleId: ofRoot.rootBundleId });
        const { rawContentLength, payloadContentLength, payloadDataStart } = offsets;
        const inRoot = offsets.startOffsetInRootBundle!;
        expect(await seen.range(offsets.rootBundleId!, inRoot, rawContentLength)).toEqual(item.getRaw());
        expect(await seen.range(offsets.rootBundleId!, inRoot + payloadDataStart, payloadContentLength)).toEqual(
          item.rawData,
        );
        const inParent = offsets.startOffsetInParentDataItemPayload!;
        expect(parent.rawData.subarray(inParent, inParent + rawContentLength)).toEqual(item.getRaw());
        expect(await seen.client.status(item.id)).toMatchObject({ status: 'FINALIZED', bundleId: ofRoot.rootBundleId });
      }
      const inRoot = (await seen.knownOffsets(middle.id)).startOffsetInParentDataItemPayload!;
      expect(await seen.range(root.id, inRoot, middle.getRaw().length)).toEqual(middle.getRaw());
    },
    LIMIT_MS,
  );

  it(
    'are themselves when they are accepted on their own as well, before or after',
    async () => {
      const both = await make.item('inside and outside');
      const root = await make.carrier([both]);
      await seen.client.uploadSigned(root.getRaw());
      await seen.ended(root.id);
      expect(await seen.knownOffsets(both.id)).toMatchObject({ parentDataItemId: root.id });
      await seen.client.uploadSigned(both.getRaw());
      expect((await seen.client.status(both.id))!.parentDataItemId).toBeUndefined();
      await seen.client.waitFor(both.id, 'permanent', IN_TIME);
      expect((await seen.knownOffsets(both.id)).parentDataItemId).toBeUndefined();
    },
    LIMIT_MS,
  );

  it(
    'are looked for to a depth, and up to a number',
    async () => {
      let deep = await make.item('innermost');
      for (let depth = 0; depth < 4; depth += 1) deep = await make.carrier([deep]);
      await seen.client.uploadSigned(deep.getRaw());
      expect(await seen.ended(deep.id)).toMatchObject({ state: 'done', items: 3, problems: { too_deep: 1 } });

      const few = await make.item(unsignedBundle(48).bytes, BUNDLE_TAGS);
      const many = await make.item(unsignedBundle(49).bytes, BUNDLE_TAGS);
      for (const [inner, expected] of [
        [few, { items: 50, problems: {} }],
        [many, { items: 2, problems: { too_many_items: 1 } }],
      ] as const) {
        const root = await make.carrier([inner, await make.item('beside it')]);
        await seen.client.uploadSigned(root.getRaw());
        expect(await seen.ended(root.id)).toMatchObject({ state: 'done', ...expected });
      }
    },
    LIMIT_MS,
  );

  it(
    'that are none harm nobody: their parent becomes permanent, and what is wrong is counted',
    async () => {
      const good = await make.item('good');
      const bundle = await make.bundle([good, await make.item('good, too'), await make.item('bad')]);
      // The last item's signature type is one that nobody knows.
      bundle.writeUInt16LE(999, bundle.length - (await make.item('bad')).getRaw().length);
      const cases: [Uint8Array, { state: string; [fact: string]: unknown }][] = [
        [bundle, { state: 'done', items: 2, problems: { unknown_signature_type: 1 } }],
        [
          Buffer.from('no bundle at all, but long enough to be the number of its items'),
          { state: 'failed', failed_reason: 'too_many_items' },
        ],
        [Buffer.alloc(0), { state: 'failed', failed_reason: 'truncated' }],
        [bundle.subarray(0, -1), { state: 'failed', failed_reason: 'truncated' }],
      ];
      const uploaded: string[] = [];
      for (const [payload, expected] of cases) {
        const root = await make.item(payload, BUNDLE_TAGS);
        await seen.client.uploadSigned(root.getRaw());
        expect(await seen.ended(root.id)).toMatchObject(expected);
        uploaded.push(root.id);
      }
      for (const id of uploaded) await seen.client.waitFor(id, 'permanent', IN_TIME);
      const metrics = await (await fetch(`${seen.platform.of('workers')[0]!.adminUrl}/bundler_metrics`)).text();
      expect(metrics).toMatch(/^unbundled_data_items_total\{outcome="truncated"\} 2$/m);
      expect(metrics).toMatch(/^nested_data_items_total\{outcome="unknown_signature_type"\} 1$/m);
    },
    LIMIT_MS,
  );

  it('leave nothing to be done for items that carry no bundle', async () => {
    const depths = async (): Promise<unknown> =>
      (await seen.db.query('select count(*)::int as n from unbundlings')).rows[0];
    const before = await depths();
    await seen.client.upload(Buffer.from('plain'), { signer: arweaveSigner(await testWallet()) });
    expect(await depths()).toEqual(before);
  });
});

describe('a worker that is killed while it unbundles', () => {
  const COUNT = 2300;
  let seen: Seen;
  let make: Bundler;
  /** Holds workers up. A session of its own: within a transaction what others do is always the same. */
  let holder: pg.Client;
  beforeAll(async () => {
    seen = await Seen.start({ workers: 0, env: { FREE_UPLOAD_LIMIT: String(32 * 1024 * 1024) } });
    make = await Bundler.open();
    holder = new pg.Client({ connectionString: seen.platform.database.url });
    await holder.connect();
  }, LIMIT_MS);
  afterAll(async () => {
    await holder?.end();
    await seen?.stop();
  });

  /** Waits until a session of a worker waits for a lock to do this. */
  async function untilHeldUp(doing: string): Promise<void> {
    await until(async () => {
      const { rowCount } = await seen.db.query(
        `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and query like $1`,
        [`%${doing}%`],
      );
      return rowCount === 1;
    }, 30_000);
  }

  it(
    'has recorded what it found by then, and another one ends with the same rows as if nothing had happened',
    async () => {
      const { bytes, ids } = unsignedBundle(COUNT);
      const [first, second] = [
        await make.item(bytes, BUNDLE_TAGS),
        await make.item(bytes, [...BUNDLE_TAGS, { name: 'a', value: 'b' }]),
      ];
      const firstId = Buffer.from(first.id, 'base64url');
      await seen.client.uploadSigned(first.getRaw());

      // In the middle of the bundle: a row of ours holds the place of its third batch.
      await holder.query('begin');
      await holder.query(`insert into offset_batches (root_item_id, batch, offsets) values ($1, 2, '[]')`, [firstId]);
      const parsing = await seen.platform.startProcess('workers', { PUT_OFFSETS_WORKER_PAUSED: 'true' });
      await untilHeldUp('insert into offset_batches');
      await parsing.kill9();
      await holder.query('rollback');
      const { rows } = await seen.db.query('select batch from offset_batches order by batch');
      expect(rows.slice(0, 2)).toEqual([{ batch: 0 }, { batch: 1 }]);
      expect(await seen.unbundling(first.id)).toMatchObject({ state: 'waiting' });

      // In the middle of the writing of what was found.
      await holder.query('begin');
      await holder.query('lock table nested_items in exclusive mode');
      const writing = await seen.platform.startProcess('workers', { PUT_OFFSETS_WORKER_CONCURRENCY: '1' });
      await untilHeldUp('insert into nested_items');
      await writing.kill9();
      await holder.query('rollback');

      await seen.platform.servers.flushRedis();
      await seen.platform.startProcess('workers');
      expect(await seen.ended(first.id)).toMatchObject({ state: 'done', items: COUNT, problems: {} });
      const places = (await seen.places(first.id)) as { id: Buffer; start_in_parent_payload: string }[];
      expect(places.map(({ id }) => id)).toEqual(ids);

      await seen.client.uploadSigned(second.getRaw());
      await seen.ended(second.id);
      const undisturbed = (await seen.places(second.id)) as typeof places;
      const inParent = (all: typeof places) => all.map((place) => place.start_in_parent_payload);
      expect(inParent(places)).toEqual(inParent(undisturbed));
    },
    LIMIT_MS,
  );
});
