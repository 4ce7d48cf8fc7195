import { createHash, randomBytes } from 'node:crypto';
import { S3ObjectStore } from '@bundler/adapters';
import { createDataItem, ed25519Signer } from '@bundler/ans104';
import pg from 'pg';
import { describeUnless, findS3, Platform, type PlatformProcess, type S3Server, s3Env } from '../src/index.ts';
import { MultipartClient } from '../src/multipart/multipart-client.ts';

const MiB = 1024 * 1024;
const CACHED_BYTES = 13 * MiB;
const signer = ed25519Signer(randomBytes(32));
const s3 = await findS3(process.env, console.error);
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const idOf = (item: Buffer): Buffer => createHash('sha256').update(item.subarray(2, 66)).digest();

describeUnless(s3.missing, 'from upload to permanent through S3', () => {
  let server: S3Server;
  let platform: Platform;
  let store: S3ObjectStore;
  let db: pg.Client;
  let api: PlatformProcess;
  let worker: PlatformProcess;

  beforeAll(async () => {
    server = await s3.open();
    const env = {
      ...s3Env(server.options),
      FREE_UPLOAD_LIMIT: String(100 * MiB),
      MAX_CACHE_DATA_ITEM_SIZE: String(CACHED_BYTES),
    };
    platform = await Platform.start({ env, blockIntervalMs: 40 });
    [api, worker] = (['upload', 'workers'] as const).map((role) =>
      platform.processes.find((running) => running.role === role),
    ) as [PlatformProcess, PlatformProcess];
    store = new S3ObjectStore(server.options);
    db = new pg.Client({ connectionString: platform.database.url });
    await db.connect();
  }, 60_000);
  afterAll(async () => {
    await db?.end();
    await store?.close();
    await platform?.stop();
    await server?.close();
  });

  const post = (item: Buffer): Promise<Response> =>
    fetch(`${api.url}/v1/tx`, {
      method: 'POST',
      headers: { 'content-type': 'application/octet-stream' },
      body: new Uint8Array(item),
    });

  async function becomesPermanent(data: Buffer): Promise<void> {
    const client = platform.client();
    const { id } = await client.uploadSigned(await createDataItem({ signer, data, tags: [] }));
    await client.waitFor(id, 'permanent', { intervalMs: 50, timeoutMs: 30_000 });
    const answer = await client.download(id);
    expect(sha256(new Uint8Array(await answer.arrayBuffer()))).toBe(sha256(data));
  }

  it.each([1000, 12 * MiB])(
    'an item of %i bytes becomes permanent, reads back, and is read from the cache',
    async (size) => {
      const hits = await metric(worker, 'cache_operations_total{op="read",result="hit"}');
      const skipped = await metric(worker, 'cache_skipped_total{reason="too_large"}');
      // Whatever takes Redis too long is a miss, so a single item promises nothing; the cache at work does.
      let tries = 0;
      do await becomesPermanent(randomBytes(size));
      while ((await metric(worker, 'cache_operations_total{op="read",result="hit"}')) === hits && ++tries < 3);
      expect(await metric(worker, 'cache_operations_total{op="read",result="hit"}')).toBeGreaterThan(hits);
      expect(await metric(worker, 'cache_skipped_total{reason="too_large"}')).toBe(skipped);
    },
    100_000,
  );

  it('an item larger than the cache takes becomes permanent from S3 alone', async () => {
    const skipped = await metric(worker, 'cache_skipped_total{reason="too_large"}');
    await becomesPermanent(randomBytes(CACHED_BYTES));
    expect(await metric(worker, 'cache_skipped_total{reason="too_large"}')).toBe(skipped + 1);
  }, 40_000);

  it('an item in parts, shorter and longer ones than S3 is sent, becomes permanent from where its parts are', async () => {
    const data = randomBytes(24 * MiB);
    const item = await createDataItem({ signer, data, tags: [] });
    const uploads = new MultipartClient(api.url);
    const uploadId = await uploads.open(10 * MiB);
    // One of them twice: its first object goes.
    await uploads.send(uploadId, 0, item.subarray(0, 10 * MiB));
    await uploads.sendAll(uploadId, item, 10 * MiB);
    const parts = (await keys()).filter((key) => key.startsWith('parts/'));
    expect(parts).toHaveLength(3);
    const finalized = await uploads.finalizeAndWait(uploadId);
    expect(finalized.status).toBe(200);
    const { id } = (await finalized.json()) as { id: string };
    expect(id).toBe(idOf(item).toString('base64url'));
    const client = platform.client();
    await client.waitFor(id, 'permanent', { intervalMs: 50, timeoutMs: 30_000 });
    const answer = await client.download(id);
    expect(sha256(new Uint8Array(await answer.arrayBuffer()))).toBe(sha256(data));
    expect((await keys()).filter((key) => key.startsWith('parts/'))).toEqual(parts);
  }, 60_000);

  describeUnless(s3.notOurs, 'while S3 is down', () => {
    let items: Buffer[];
    let before: string[];
    let uploadId: string;

    beforeAll(async () => {
      items = await Promise.all(
        [500, 6 * MiB].map((size) => createDataItem({ signer, data: randomBytes(size), tags: [] })),
      );
      before = await keys();
      await server.pause();
    }, 10_000);

    it('an upload is refused with 503 and a time to come back, and no row is kept', async () => {
      for (const item of items) {
        const answer = await post(item);
        expect(answer.status).toBe(503);
        expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
        const rows = await db.query('select from data_items where id = $1', [idOf(item)]);
        expect(rows.rowCount).toBe(0);
      }
    }, 20_000);

    it('a part is refused with 503 and a time to come back, and can be sent again later', async () => {
      const uploads = new MultipartClient(api.url);
      uploadId = await uploads.open(5 * MiB);
      const answer = await uploads.send(uploadId, 0, items[0]!);
      expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '1']);
      expect(await (await uploads.parts(uploadId)).json()).toMatchObject({ size: 0, chunks: [] });
    }, 20_000);

    it('readiness names the object store, and only it', async () => {
      for (const url of [api.url, api.adminUrl, worker.adminUrl]) {
        const answer = await fetch(`${url}/ready`);
        expect(answer.status).toBe(503);
        expect(await answer.json()).toEqual({
          ready: false,
          checks: { postgres: 'ok', 'object store': expect.stringContaining(server.options.bucket) },
        });
      }
    });

    it('and up again: nothing was left behind, and the same items become permanent', async () => {
      await server.resume();
      expect(await keys()).toEqual(before);
      for (const url of [api.url, worker.adminUrl]) expect((await fetch(`${url}/ready`)).status).toBe(200);
      const uploads = new MultipartClient(api.url);
      expect((await uploads.send(uploadId, 0, items[0]!)).status).toBe(200);
      expect(await (await uploads.finalizeAndWait(uploadId)).json()).toMatchObject({
        id: idOf(items[0]!).toString('base64url'),
      });
      for (const item of items) {
        const client = platform.client();
        const { id } = await client.uploadSigned(item);
        expect(id).toBe(idOf(item).toString('base64url'));
        await client.waitFor(id, 'permanent', { intervalMs: 50, timeoutMs: 30_000 });
      }
    }, 40_000);
  });

  async function keys(): Promise<string[]> {
    const found: string[] = [];
    for await (const { key } of store.list('')) found.push(key);
    return found.sort();
  }
});

/** The value of a metric of a process; 0 while it has none. */
async function metric(from: PlatformProcess, name: string): Promise<number> {
  const text = await (await fetch(`${from.adminUrl}/bundler_metrics`)).text();
  const line = text.split('\n').find((candidate) => candidate.startsWith(name));
  return line ? Number(line.split(' ').at(-1)) : 0;
}
