import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { createDataItem, ed25519Signer } from '@bundler/ans104';
import type { BundlerClient } from '@bundler/client';
import pg from 'pg';
import { Platform, until } from '../src/index.ts';
import { objectFiles } from '../src/object-files.ts';

const MiB = 1024 * 1024;
const LARGEST_BUNDLE = 4 * MiB;
const LARGEST_ITEM = 24 * MiB;
/** Chunks after which the workers remember how far they are. */
const STRIDE = 64;
/** The lock of a killed worker runs out after 15 s and is looked for every 7.5 s; then come the confirmations. */
const IN_TIME_MS = 60_000;
const TEST_MS = 90_000;

const signer = ed25519Signer(randomBytes(32));
const newItem = (data: Uint8Array): Promise<Buffer> => createDataItem({ signer, data });
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

interface BundleRow {
  readonly state: string;
  readonly reason: string | null;
  readonly oversized: boolean;
  readonly items: number;
  readonly seeded: number;
  readonly chunks: number | null;
}

describe('items larger than a bundle', () => {
  let platform: Platform;
  let client: BundlerClient;
  let db: pg.Client;
  let before: string[];

  beforeAll(async () => {
    const env = {
      MAX_BUNDLE_DATA_ITEMS_BYTE_COUNT: String(LARGEST_BUNDLE),
      MAX_DATA_ITEM_SIZE: String(LARGEST_ITEM),
      FREE_UPLOAD_LIMIT: String(2 * LARGEST_ITEM),
      SEED_CHUNK_CONCURRENCY: '2',
    };
    platform = await Platform.start({ env, workers: 0 });
    client = platform.client();
    db = new pg.Client({ connectionString: platform.database.url });
    await db.connect();
  }, 60_000);
  beforeEach(async () => {
    before = (await db.query<{ id: string }>('select id from bundles')).rows.map(({ id }) => id);
  });
  afterEach(async () => {
    platform.gateway.faults.clear();
    platform.gateway.requests.reset();
    await Promise.all(platform.of('workers').map((worker) => worker.kill9()));
  });
  afterAll(async () => {
    await db?.end();
    await platform?.stop();
  });

  const upload = async (data: Uint8Array): Promise<string> => (await client.uploadSigned(await newItem(data))).id;
  const becomesPermanent = (id: string) => client.waitFor(id, 'permanent', { intervalMs: 50, timeoutMs: IN_TIME_MS });
  const download = async (id: string): Promise<Buffer> => Buffer.from(await (await client.download(id)).arrayBuffer());

  /** The bundles of this test, oldest first. */
  async function bundles(): Promise<BundleRow[]> {
    const { rows } = await db.query<BundleRow>(
      `select state, failed_reason as reason, oversized, item_count as items, seeded_chunks as seeded,
         octet_length(chunk_hashes) / 32 as chunks
       from bundles where id <> all($1::uuid[]) order by created_at`,
      [before],
    );
    return rows;
  }
  const oversized = async (): Promise<BundleRow[]> => (await bundles()).filter((bundle) => bundle.oversized);

  it(
    'are set aside and hold up no other; one of exactly a bundle is bundled as ever',
    async () => {
      const worker = await platform.startProcess('workers', { OVERSIZED_DATA_ITEM_WORKER_PAUSED: 'true' });
      const content = randomBytes(9 * MiB);
      const header = (await newItem(Buffer.alloc(1))).length - 1;
      const large = await upload(content);
      const exact = await upload(randomBytes(LARGEST_BUNDLE - header));
      const small = [await upload(randomBytes(1000)), await upload(randomBytes(2 * MiB))];

      for (const id of [exact, ...small]) await becomesPermanent(id);
      expect(await oversized()).toMatchObject([{ state: 'planned', items: 1 }]);
      expect(await client.status(large)).toMatchObject({ status: 'CONFIRMED', info: 'pending' });
      expect(await (await fetch(`${worker.adminUrl}/bundler_metrics`)).text()).toMatch(
        /^oversized_data_items_total 1$/m,
      );

      await platform.startProcess('workers');
      await becomesPermanent(large);
      expect(sha256(await download(large))).toBe(sha256(content));
      expect(await oversized()).toMatchObject([{ state: 'permanent', items: 1 }]);
      expect(platform.gateway.placesOf(large)).toMatchObject([{ offset: 96, size: header + content.length }]);
    },
    TEST_MS,
  );

  it(
    'go on where a killed worker stopped, and nothing is posted twice',
    async () => {
      const worker = await platform.startProcess('workers');
      const content = randomBytes(23 * MiB);
      platform.gateway.faults.add({ route: 'POST /chunk', delayMs: 100 });
      const id = await upload(content);
      await until(async () => ((await oversized())[0]?.seeded ?? 0) > 0, IN_TIME_MS);
      await worker.kill9();
      const [stopped] = await oversized();
      expect(stopped).toMatchObject({ state: 'posted', seeded: STRIDE });
      expect(platform.gateway.requests.of('POST /tx')).toBe(1);
      platform.gateway.faults.clear();
      platform.gateway.requests.reset();

      await platform.startProcess('workers');
      await becomesPermanent(id);
      expect(platform.gateway.requests.of('POST /chunk')).toBe(stopped!.chunks! - STRIDE);
      expect(platform.gateway.requests.of('POST /tx')).toBe(0);
      expect(platform.gateway.placesOf(id)).toHaveLength(1);
      expect(sha256(await download(id))).toBe(sha256(content));
    },
    TEST_MS,
  );

  it(
    'are done again in the same lane when their transaction is never mined',
    async () => {
      await platform.startProcess('workers');
      platform.gateway.faults.add({ dropTx: 'next' });
      const content = randomBytes(5 * MiB);
      const id = await upload(content);
      await becomesPermanent(id);
      expect(await bundles()).toMatchObject([
        { state: 'failed', reason: 'not_found', oversized: true, items: 1 },
        { state: 'permanent', oversized: true, items: 1 },
      ]);
      expect(sha256(await download(id))).toBe(sha256(content));
    },
    TEST_MS,
  );

  it.each([
    ['forgotten by the network, their transaction', { forgetTx: 'next' }],
    ['lost by the network, a chunk', { loseChunk: true, count: 1 }],
  ] as const)(
    'overcome in their lane what was %s',
    async (_, fault) => {
      await platform.startProcess('workers');
      platform.gateway.faults.add(fault);
      const content = randomBytes(5 * MiB);
      const id = await upload(content);
      await becomesPermanent(id);
      expect(await bundles()).toMatchObject([{ state: 'permanent', oversized: true }]);
      expect(sha256(await download(id))).toBe(sha256(content));
    },
    TEST_MS,
  );

  it('are put back to work in their lane when Redis forgot them', async () => {
    const worker = await platform.startProcess('workers', { OVERSIZED_DATA_ITEM_WORKER_PAUSED: 'true' });
    const id = await upload(randomBytes(5 * MiB));
    await until(async () => (await oversized()).length === 1, IN_TIME_MS);
    await worker.kill9();
    await platform.servers.flushRedis();
    await platform.startProcess('workers');
    await becomesPermanent(id);
    expect(await bundles()).toMatchObject([{ state: 'permanent', oversized: true }]);
  }, 90_000);

  it('are refused with 413 above the largest item as soon as so many bytes have come, and nothing is kept', async () => {
    const files = [...(await objectFiles(platform.objectsDirectory)).keys()].sort();
    const rows = async () => (await db.query('select count(*)::int as n from data_items')).rows;
    const known = await rows();
    const { status, sent } = await sendEndlessly(`${platform.of('upload')[0]!.url}/v1/tx`);
    expect(status).toBe(413);
    // What is beyond the limit was on its way already.
    expect(sent).toBeLessThan(2 * LARGEST_ITEM);
    expect(await rows()).toEqual(known);
    await until(async () => (await objectFiles(platform.objectsDirectory)).size === files.length);
    expect([...(await objectFiles(platform.objectsDirectory)).keys()].sort()).toEqual(files);
  }, 60_000);

  it('end no process', () => expect(platform.endedByThemselves).toEqual([]));
});

/** Sends an item that announces no length and does not end, until there is an answer. */
async function sendEndlessly(url: string): Promise<{ status: number | undefined; sent: number }> {
  const block = randomBytes(MiB);
  const sending = request(url, { method: 'POST', headers: { 'content-type': 'application/octet-stream' } });
  // The connection is closed under what is still being sent.
  sending.on('error', () => undefined);
  let response: IncomingMessage | undefined;
  const answered = new Promise<void>((resolve) => {
    sending.once('response', (answer) => {
      response = answer;
      resolve();
    });
    sending.once('close', resolve);
  });
  let sent = 0;
  for (let piece = await newItem(block); response === undefined && !sending.destroyed; piece = block) {
    sent += piece.length;
    if (!sending.write(piece)) await Promise.race([once(sending, 'drain').catch(() => undefined), answered]);
  }
  await answered;
  sending.destroy();
  return { status: response?.statusCode, sent };
}
