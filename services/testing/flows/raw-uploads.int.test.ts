import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDataItem, ethereumSigner, generateJwk } from '@bundler/ans104';
import type { BundlerClient, Receipt } from '@bundler/client';
import type { ItemOffsets } from '@bundler/contract';
import { Bundle } from 'arbundles';
import pg from 'pg';
import { addressOf, Platform, until } from '../src/index.ts';
import { LiveSettingsFile } from '../src/live-settings-file.ts';
import { objectFiles } from '../src/object-files.ts';

const MiB = 1024 * 1024;
const FREE_LIMIT = 8 * MiB;
const SMALL = 1000;
/** Above what is held in memory. */
const LARGE = 3 * MiB;
const PATHS = ['/v1/x402/upload/unsigned', '/v1/x402/data-item/unsigned'];
const ON = { RAW_DATA_UPLOADS_ENABLED: 'true' };
const LIMIT_MS = 40_000;

const sha256 = (bytes: Uint8Array, encoding: 'hex' | 'base64url' = 'hex'): string =>
  createHash('sha256').update(bytes).digest(encoding);

describe('unsigned uploads', () => {
  let directory: string;
  let live: LiveSettingsFile;
  let platform: Platform;
  let client: BundlerClient;
  let url: string;
  let db: pg.Client;
  let serverAddress: string;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'bundler-raw-'));
    live = await LiveSettingsFile.create();
    const jwk = await generateJwk();
    serverAddress = addressOf(jwk);
    const walletFile = join(directory, 'raw-wallet.json');
    await writeFile(walletFile, JSON.stringify(jwk));
    const env = {
      LIVE_SETTINGS_FILE: live.path,
      RAW_DATA_WALLET_FILE: walletFile,
      FREE_UPLOAD_LIMIT: String(FREE_LIMIT),
      CLEANUP_INTERVAL_MS: '300',
    };
    platform = await Platform.start({ env });
    client = platform.client();
    url = platform.of('upload')[0]!.url;
    db = new pg.Client({ connectionString: platform.database.url });
    await db.connect();
  }, 60_000);
  afterAll(async () => {
    await db?.end();
    await platform?.stop();
    await live?.remove();
    if (directory) await rm(directory, { recursive: true, force: true });
  });

  const post = (body: Uint8Array, headers: Record<string, string> = {}, path = PATHS[0]!): Promise<Response> =>
    fetch(url + path, { method: 'POST', headers, body: new Uint8Array(body) });
  const tagged = (tags: unknown) => ({ 'x-data-item-tags': JSON.stringify(tags) });
  const rows = async (): Promise<number> =>
    (await db.query<{ n: number }>('select count(*)::int as n from data_items')).rows[0]!.n;
  const files = async (): Promise<string[]> => [...(await objectFiles(platform.objectsDirectory)).keys()];
  /** The clean-up may free some of those before. */
  const filesSince = async (before: readonly string[]): Promise<string[]> =>
    (await files()).filter((file) => !before.includes(file));

  /** An item as arbundles finds it in its permanent bundle. */
  async function itemOf(id: string) {
    const { rootBundleId } = (await (await fetch(`${url}/v1/tx/${id}/offsets`)).json()) as ItemOffsets;
    const answer = await fetch(`${platform.gateway.url}/tx/${rootBundleId}/data.bin`);
    const bundle = new Bundle(Buffer.from(await answer.arrayBuffer()));
    return bundle.items.find((item) => item.id === id)!;
  }

  it('are refused with 403 while they are off, which they are unless told otherwise', async () => {
    for (const path of PATHS) {
      const answer = await post(randomBytes(10), {}, path);
      expect([answer.status, await answer.text()]).toEqual([403, 'Uploads of unsigned data are not accepted.']);
    }
    await live.change(platform, ON);
    for (const path of [...PATHS, '/x402/upload/unsigned'])
      expect((await post(randomBytes(10), {}, path)).status).toBe(200);
  });

  it.each([0, SMALL, LARGE])(
    'of %i bytes become an item of the server wallet with their tags, which becomes permanent and reads back',
    async (size) => {
      await live.change(platform, ON);
      const data = randomBytes(size);
      const tags = [
        { name: 'Content-Type', value: 'image/png' },
        { name: 'Größe', value: String(size) },
      ];
      const escaped = JSON.stringify(tags).replaceAll(
        /[^ -~]/g,
        (letter) => `\\u${letter.codePointAt(0)!.toString(16).padStart(4, '0')}`,
      );
      const answer = await post(data, { 'x-data-item-tags': escaped, 'content-type': 'application/octet-stream' });
      expect(answer.status).toBe(200);
      const receipt = (await answer.json()) as Receipt;
      expect(receipt).toMatchObject({ owner: serverAddress, winc: '0' });
      expect(await client.verifyReceipt(receipt)).toBe(true);
      expect(await client.status(receipt.id)).toMatchObject({ payloadContentLength: size });

      await client.waitFor(receipt.id, 'permanent', { intervalMs: 50, timeoutMs: 30_000 });
      const download = await client.download(receipt.id);
      expect(download.headers.get('content-type')).toBe('image/png');
      expect(sha256(new Uint8Array(await download.arrayBuffer()))).toBe(sha256(data));
      const item = await itemOf(receipt.id);
      expect(await item.isValid()).toBe(true);
      expect(item.tags).toEqual(tags);
      expect(sha256(item.rawOwner, 'base64url')).toBe(serverAddress);
      expect(sha256(item.rawData)).toBe(sha256(data));
    },
    LIMIT_MS,
  );

  it.each([SMALL, LARGE])(
    'of %i bytes sent again, also many times at once, are the same item with the same receipt',
    async (size) => {
      await live.change(platform, ON);
      const data = randomBytes(size);
      const before = await rows();
      const first = await Promise.all(Array.from({ length: 8 }, async () => (await post(data)).text()));
      const receipts = new Set([...first, await (await post(data)).text()]);
      expect(receipts.size).toBe(1);
      expect(JSON.parse([...receipts][0]!)).toMatchObject({ owner: serverAddress });
      expect(await rows()).toBe(before + 1);
      const other = (await (await post(data, tagged([{ name: 'a', value: 'b' }]))).json()) as Receipt;
      expect(other.id).not.toBe((JSON.parse(first[0]!) as Receipt).id);
    },
    LIMIT_MS,
  );

  it('that are sent again through another API are the same item all the same', async () => {
    await live.change(platform, ON);
    const second = await platform.startProcess('upload');
    const data = randomBytes(LARGE);
    const before = await rows();
    const urls = Array.from({ length: 6 }, (_, index) => [url, second.url][index % 2]!);
    const answers = await Promise.all(
      urls.map((base) => fetch(base + PATHS[0]!, { method: 'POST', body: new Uint8Array(data) })),
    );
    expect(new Set(await Promise.all(answers.map((answer) => answer.text()))).size).toBe(1);
    expect(await rows()).toBe(before + 1);
    await second.stop();
  });

  it(
    'have the tags of single headers too, and the type of their body',
    async () => {
      await live.change(platform, ON);
      const answer = await post(randomBytes(10), { 'x-tag-app-name': 'demo', 'content-type': 'text/css' });
      const { id } = (await answer.json()) as Receipt;
      await client.waitFor(id, 'permanent', { intervalMs: 50, timeoutMs: 30_000 });
      expect((await itemOf(id)).tags).toEqual([
        { name: 'App-Name', value: 'demo' },
        { name: 'Content-Type', value: 'text/css' },
      ]);
    },
    LIMIT_MS,
  );

  it.each([
    ['are no JSON', { 'x-data-item-tags': '[{' }, 'x-data-item-tags must be JSON'],
    ['are no tags', tagged([{ name: 'a' }]), 'must be a list'],
    ['are too many', tagged(Array.from({ length: 129 }, () => ({ name: 'a', value: 'b' }))), '129 tags'],
    ['are too long', tagged([{ name: 'a', value: 'b'.repeat(3073) }]), '3073 bytes'],
  ])('whose tags %s are refused with 400', async (_, headers, why) => {
    await live.change(platform, ON);
    const answer = await post(randomBytes(10), headers);
    expect(answer.status).toBe(400);
    expect(await answer.text()).toContain(why);
  });

  it('are told from signed items where both may come, on /tx', async () => {
    await live.change(platform, ON);
    const octets = { 'content-type': 'application/octet-stream' };
    const data = Buffer.concat([Buffer.from('no signature type'), randomBytes(SMALL)]);
    const raw = (await (await post(data, octets)).json()) as Receipt;
    for (const path of ['/v1/tx', '/v1/tx/ethereum', '/tx']) {
      expect(await (await post(data, octets, path)).json()).toEqual(raw);
    }
    const typed = await post(data, { 'content-type': 'text/css' }, '/v1/tx');
    expect(await typed.json()).toMatchObject({ owner: serverAddress, id: expect.not.stringMatching(raw.id) });

    const signer = ethereumSigner(randomBytes(32));
    const item = await createDataItem({ signer, data, tags: [] });
    const signed = await post(item, octets, '/v1/tx');
    expect(await signed.json()).toMatchObject({ owner: expect.not.stringMatching(serverAddress) });
    item[item.length - 1]! ^= 1;
    expect((await post(item, octets, '/v1/tx')).status).toBe(400);
    expect((await post(new Uint8Array(), octets, '/v1/tx')).status).toBe(400);
  });

  it.each(['/v1/x402/upload/signed', '/v1/x402/data-item/signed'])(
    'are not taken where clients send what is signed: %s',
    async (path) => {
      await live.change(platform, ON);
      const octets = { 'content-type': 'application/octet-stream' };
      const item = await createDataItem({ signer: ethereumSigner(randomBytes(32)), data: randomBytes(9), tags: [] });
      expect((await post(item, octets, path)).status).toBe(200);
      expect((await post(Buffer.from('unsigned'), octets, path)).status).toBe(400);
    },
  );

  it('are no items on /tx while they are off', async () => {
    await live.change(platform, {});
    const answer = await post(Buffer.from('unsigned'), { 'content-type': 'application/octet-stream' }, '/v1/tx');
    expect([answer.status, await answer.text()]).toEqual([400, expect.stringContaining('Data item parsing error')]);
    expect((await post(Buffer.from('unsigned'), { 'content-type': 'text/css' }, '/v1/tx')).status).toBe(400);
  });

  it('of a length that nobody says are refused with 411', async () => {
    await live.change(platform, ON);
    const status = await new Promise((resolve, reject) => {
      const sending = httpRequest(url + PATHS[0]!, { method: 'POST' }, (answer) => resolve(answer.statusCode));
      sending.on('error', reject);
      sending.write('some data');
      sending.end();
    });
    expect(status).toBe(411);
  });

  it('above the free limit are refused with 402 and above the largest item with 413, and nothing is kept', async () => {
    await live.change(platform, ON);
    const before = await files();
    const refused = await post(randomBytes(FREE_LIMIT));
    expect(refused.status).toBe(402);
    expect(await refused.text()).toContain('Insufficient balance');
    await live.change(platform, { ...ON, MAX_DATA_ITEM_SIZE: '4096' });
    expect((await post(randomBytes(4096))).status).toBe(413);
    await live.change(platform, ON);
    expect(await filesSince(before)).toEqual([]);
  });

  it.each([SMALL, LARGE])('of %i bytes that break off leave nothing behind', async (size) => {
    await live.change(platform, ON);
    const before = { files: await files(), rows: await rows(), broken: await broken() };
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    socket.write(`POST ${PATHS[0]} HTTP/1.1\r\nHost: x\r\nContent-Length: ${size}\r\n\r\n`);
    await new Promise((sent) => socket.write(randomBytes(size - 10), sent));
    socket.destroy();
    await until(async () => (await broken()) > before.broken);
    await until(async () => (await filesSince(before.files)).length === 0);
    expect(await rows()).toBe(before.rows);
  });

  async function broken(): Promise<number> {
    const text = await (await fetch(`${url}/bundler_metrics`)).text();
    const line = text
      .split('\n')
      .find((candidate) => candidate.startsWith('upload_errors_total{code="incomplete_body"}'));
    return Number(line?.split(' ').at(-1) ?? 0);
  }
});
