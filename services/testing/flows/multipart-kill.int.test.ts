import { createHash, randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { createDataItem, ed25519Signer } from '@bundler/ans104';
import { type BundlerClient, isReceiptSigned, type Receipt } from '@bundler/client';
import type { MultipartParts, MultipartStatus } from '@bundler/contract';
import pg from 'pg';
import { Killer } from '../src/chaos/killer.ts';
import { seededRandom } from '../src/chaos/seeded-random.ts';
import { Platform, until } from '../src/index.ts';
import { MultipartClient } from '../src/multipart/multipart-client.ts';
import { uploadPatiently } from '../src/multipart/patient-upload.ts';
import { objectFiles } from '../src/object-files.ts';

const KiB = 1024;
const CHUNK = 64 * KiB;
/** A killed worker's lock runs out after 15 s and is looked for every 7.5 s, unless Redis forgets it. */
const STALLED_MS = 40_000;
const KILLS = 9;
const SEED = Number(process.env.CHAOS_SEED ?? 1 + Math.floor(Math.random() * 1e6));
const signer = ed25519Signer(randomBytes(32));
const item = (byteCount: number): Promise<Buffer> => createDataItem({ signer, data: randomBytes(byteCount), tags: [] });
const idOf = (bytes: Buffer): string => createHash('sha256').update(bytes.subarray(2, 66)).digest('base64url');

describe('uploads in parts survive kill -9', () => {
  let platform: Platform;
  let client: BundlerClient;
  let uploads: MultipartClient;
  /** Two that hold locks, and one that watches who waits for them. */
  let db: pg.Client;
  let second: pg.Client;
  let watcher: pg.Client;

  beforeAll(async () => {
    const env = { MULTIPART_MIN_CHUNK_SIZE: '1024', FREE_UPLOAD_LIMIT: String(10 * CHUNK) };
    platform = await Platform.start({ env });
    client = platform.client();
    uploads = new MultipartClient(platform.of('upload')[0]!.url);
    [db, second, watcher] = [1, 2, 3].map(() => new pg.Client({ connectionString: platform.database.url })) as [
      pg.Client,
      pg.Client,
      pg.Client,
    ];
    await Promise.all([db.connect(), second.connect(), watcher.connect()]);
  }, 60_000);
  afterAll(async () => {
    await Promise.all([db?.end(), second?.end(), watcher?.end()]);
    await platform?.stop();
  });

  const statusOf = async (uploadId: string): Promise<MultipartStatus> =>
    (await uploads.status(uploadId)).json() as Promise<MultipartStatus>;
  async function opened(bytes: Buffer): Promise<string> {
    const uploadId = await uploads.open(CHUNK);
    await uploads.sendAll(uploadId, bytes, CHUNK);
    return uploadId;
  }
  /** Waits for the receipt, and for the item to be permanent with the bytes that were sent. */
  async function expectPermanent(uploadId: string, bytes: Buffer, timeoutMs: number): Promise<void> {
    await until(async () => (await statusOf(uploadId)).status === 'FINALIZED', timeoutMs);
    await expectBytes((await statusOf(uploadId)).receipt!, bytes);
  }
  async function expectBytes(receipt: Receipt, bytes: Buffer): Promise<void> {
    expect([receipt.id, await isReceiptSigned(receipt)]).toEqual([idOf(bytes), true]);
    await client.waitFor(receipt.id, 'permanent', { intervalMs: 50, timeoutMs: STALLED_MS });
    const payload = Buffer.from(await (await client.download(receipt.id)).arrayBuffer());
    expect(payload.equals(bytes.subarray(bytes.length - payload.length))).toBe(true);
  }

  it('of the API in the middle of a part: every part that was answered is kept, the other can be sent again', async () => {
    const bytes = await item(3 * CHUNK);
    const uploadId = await uploads.open(CHUNK);
    for (const offset of [CHUNK, 0]) await uploads.send(uploadId, offset, bytes.subarray(offset, offset + CHUNK));
    const files = (await objectFiles(platform.objectsDirectory)).size;
    const { hostname, port } = new URL(platform.of('upload')[0]!.url);
    const socket = connect(Number(port), hostname).on('error', () => undefined);
    socket.write(
      `POST /v1/chunks/arweave/${uploadId}/${2 * CHUNK} HTTP/1.1\r\nHost: x\r\nContent-Type: application/octet-stream\r\nContent-Length: ${CHUNK}\r\n\r\n`,
    );
    socket.write(bytes.subarray(2 * CHUNK, 2 * CHUNK + 1000));
    await until(async () => (await objectFiles(platform.objectsDirectory)).size > files);
    await platform.of('upload')[0]!.crash();
    socket.destroy();

    const { chunks } = (await (await uploads.parts(uploadId)).json()) as MultipartParts;
    expect(chunks).toEqual([
      [0, CHUNK],
      [CHUNK, CHUNK],
    ]);
    for (const offset of [2 * CHUNK, 3 * CHUNK]) {
      expect((await uploads.send(uploadId, offset, bytes.subarray(offset, offset + CHUNK))).status).toBe(200);
    }
    expect((await uploads.finalize(uploadId)).status).toBe(202);
    await expectPermanent(uploadId, bytes, 10_000);
  }, 60_000);

  it('of the API right after a finalization was taken, while Redis forgets its job', async () => {
    const worker = platform.of('workers')[0]!;
    await worker.kill9();
    const bytes = await item(3 * CHUNK);
    const uploadId = await opened(bytes);
    expect((await uploads.finalize(uploadId)).status).toBe(202);
    await Promise.all([platform.of('upload')[0]!.crash(), platform.servers.flushRedis()]);
    expect(await statusOf(uploadId)).toMatchObject({ status: 'VALIDATING' });
    await platform.startProcess('workers');
    await expectPermanent(uploadId, bytes, 20_000);
  }, 60_000);

  const isHeldUp = (query: string) =>
    until(async () => {
      const waiting = await watcher.query(
        `select from pg_stat_activity where datname = current_database() and application_name = 'bundler-workers'
           and wait_event_type = 'Lock' and query like $1`,
        [query],
      );
      return waiting.rowCount! > 0;
    }, 20_000);
  const LOOKS_FOR_ITEM = '%as failed%from data_items%';
  /** Each holds the worker up at one step by a lock, and returns when the worker waits for it. */
  const steps: Readonly<Record<string, (uploadId: string) => Promise<void>>> = {
    'while it reads the parts': async (uploadId) => {
      await db.query('begin; lock table data_items in access exclusive mode');
      await uploads.finalize(uploadId);
      await isHeldUp(LOOKS_FOR_ITEM);
    },
    'when it knows that the signature is good, and nobody else does': async (uploadId) => {
      await second.query('begin; lock table data_items in access exclusive mode');
      await uploads.finalize(uploadId);
      await isHeldUp(LOOKS_FOR_ITEM);
      await db.query('begin; select from multipart_uploads for update');
      await second.query('rollback');
      await isHeldUp(`%set state = 'finalizing'%`);
    },
    'in the middle of accepting the item': async (uploadId) => {
      await db.query('begin; lock table data_items in share row exclusive mode');
      await uploads.finalize(uploadId);
      await isHeldUp('%insert into data_items%');
    },
  };
  it.each([
    ...Object.keys(steps).map((step) => [step, 'and Redis forgets its job'] as const),
    ['in the middle of accepting the item', 'and Redis knows of its job'] as const,
  ])(
    'of the worker %s, %s',
    async (step, redis) => {
      const bytes = await item(3 * CHUNK);
      const uploadId = await opened(bytes);
      try {
        await steps[step]!(uploadId);
        await platform.of('workers')[0]!.kill9();
      } finally {
        await db.query('rollback');
      }
      expect(['VALIDATING', 'FINALIZING']).toContain((await statusOf(uploadId)).status);
      if (redis === 'and Redis forgets its job') await platform.servers.flushRedis();
      await platform.startProcess('workers');
      await expectPermanent(uploadId, bytes, STALLED_MS);
      const id = Buffer.from(idOf(bytes), 'base64url');
      const { rows } = await db.query('select segment_id from data_items where id = $1', [id]);
      expect(rows).toEqual([{ segment_id: uploadId }]);
    },
    120_000,
  );

  it(`of API and worker again and again: every patient client gets its receipt, and every item is permanent (seed ${SEED})`, async () => {
    await platform.startProcess('upload');
    const victims = { upload: platform.of('upload'), worker: platform.of('workers'), redis: [platform.servers.queue] };
    const killer = new Killer({ victims, random: seededRandom(SEED), everyMs: 600 });
    const urls = platform.of('upload').map(({ url }) => url);
    const uploaded: { bytes: Buffer; status: MultipartStatus; retries: number }[] = [];
    const uploadSome = async (): Promise<void> => {
      while (killer.kills.length < KILLS) {
        const bytes = await item(8 * CHUNK);
        uploaded.push({ bytes, ...(await uploadPatiently(urls, bytes, CHUNK)) });
      }
    };
    killer.start();
    const uploading = Promise.all([uploadSome(), uploadSome(), uploadSome(), uploadSome()]);
    try {
      await Promise.race([uploading, until(() => killer.kills.length >= KILLS, 60_000)]);
    } finally {
      await killer.stop();
    }
    await uploading;
    const retries = uploaded.reduce((sum, one) => sum + one.retries, 0);
    process.stderr.write(`kills: ${killer.kills.join(' ')}; uploads: ${uploaded.length}, retries: ${retries}\n`);
    for (const { bytes, status } of uploaded) {
      expect(status.status).toBe('FINALIZED');
      await expectBytes(status.receipt!, bytes);
    }
    expect(platform.endedByThemselves).toEqual([]);
  }, 240_000);
});
