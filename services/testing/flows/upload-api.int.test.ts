import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { createDataItem, ed25519Signer } from '@bundler/ans104';
import { isReceiptSigned, type Receipt } from '@bundler/client';
import pg from 'pg';
import { Platform, testSigner } from '../src/index.ts';

const MiB = 1024 * 1024;
const FREE_LIMIT = 8 * MiB;
const signer = ed25519Signer(randomBytes(32));
const item = (data: Uint8Array, tags: { name: string; value: string }[] = []): Promise<Buffer> =>
  createDataItem({ signer, data, tags });
const octets = { 'content-type': 'application/octet-stream' };
const idOf = (bytes: Buffer): string => createHash('sha256').update(bytes.subarray(2, 66)).digest('base64url');

describe('upload API', () => {
  let platform: Platform;
  let url: string;
  let objects: string;
  let db: pg.Client;

  beforeAll(async () => {
    objects = await mkdtemp(join(tmpdir(), 'bundler-objects-'));
    const env = { FREE_UPLOAD_LIMIT: String(FREE_LIMIT), OBJECT_STORE_DIR: objects, DATA_CACHES: 'cache.example' };
    platform = await Platform.start({ apis: 1, workers: 0, env });
    url = platform.processes[0]!.url;
    db = new pg.Client({ connectionString: platform.database.url });
    await db.connect();
  }, 60_000);
  afterAll(async () => {
    await db?.end();
    await platform?.stop();
    await rm(objects, { recursive: true, force: true });
  });

  const post = (body: RequestInit['body'], path = '/v1/tx', headers: Record<string, string> = octets) =>
    fetch(url + path, { method: 'POST', body: body ?? null, headers, duplex: 'half' } as RequestInit);
  const rows = async (id: string): Promise<number> => {
    const result = await db.query('select count(*)::int as n from data_items where id = $1', [
      Buffer.from(id, 'base64url'),
    ]);
    return result.rows[0].n;
  };
  const files = async (): Promise<string[]> =>
    (await readdir(objects, { recursive: true, withFileTypes: true }))
      .filter((entry) => entry.isFile())
      .map(({ name }) => name);

  it('answers an item with a signed receipt and has its row and bytes by then', async () => {
    const bytes = await item(randomBytes(1000), [{ name: 'Content-Type', value: 'text/plain' }]);
    const answer = await post(bytes);
    expect(answer.status).toBe(200);
    const receipt = (await answer.json()) as Receipt;
    expect(receipt).toMatchObject({
      id: idOf(bytes),
      version: '0.2.0',
      winc: '0',
      dataCaches: ['cache.example'],
      fastFinalityIndexes: [],
    });
    expect(receipt.deadlineHeight).toBeGreaterThanOrEqual(200);
    expect(Math.abs(receipt.timestamp - Date.now())).toBeLessThan(60_000);
    expect(await isReceiptSigned(receipt)).toBe(true);
    expect(await rows(receipt.id)).toBe(1);
    expect(await (await fetch(`${url}/v1/tx/${receipt.id}/status`)).json()).toEqual({
      status: 'CONFIRMED',
      info: 'new',
      rawContentLength: bytes.length,
      payloadContentType: 'text/plain',
      payloadDataStart: bytes.length - 1000,
      payloadContentLength: 1000,
      winc: '0',
    });
  });

  it.each(['/tx', '/v1/tx', '/tx/arweave', '/v1/tx/ethereum'])('takes items at %s', async (path) => {
    expect((await post(await item(randomBytes(10)), path)).status).toBe(200);
  });

  it('takes an item without a payload, and tags without a value', async () => {
    expect((await post(await item(Buffer.alloc(0), [{ name: 'Empty', value: '' }]))).status).toBe(200);
  });

  it('takes bodies of unknown length, small and large', async () => {
    for (const size of [500, 3 * MiB]) {
      const bytes = await item(randomBytes(size));
      const stream = new Blob([new Uint8Array(bytes)]).stream();
      const answer = await post(stream);
      expect(answer.status).toBe(200);
      expect(((await answer.json()) as Receipt).id).toBe(idOf(bytes));
    }
  });

  it('answers a duplicate, even one signed long ago, with the very same receipt', async () => {
    for (const size of [500, 3 * MiB]) {
      const bytes = await item(randomBytes(size));
      const first = await (await post(bytes)).json();
      expect(await (await post(bytes)).json()).toEqual(first);
      expect(await rows(idOf(bytes))).toBe(1);
    }
  });

  it.each([500, 3 * MiB])(
    'answers 20 uploads at once of one item of %i bytes alike and keeps one row',
    async (size) => {
      const bytes = await item(randomBytes(size));
      const answers = await Promise.all(Array.from({ length: 20 }, () => post(bytes)));
      expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
      const receipts = new Set(await Promise.all(answers.map((answer) => answer.text())));
      expect(receipts.size).toBe(1);
      expect(await rows(idOf(bytes))).toBe(1);
    },
  );

  it.each([500, 3 * MiB])('refuses %i bytes whose signature does not fit, and keeps nothing of them', async (size) => {
    const before = await files();
    const bytes = await item(randomBytes(size));
    bytes[bytes.length - 1]! ^= 1;
    const answer = await post(bytes);
    expect(answer.status).toBe(400);
    expect(await answer.text()).toContain('Invalid Data Item');
    expect(await rows(idOf(bytes))).toBe(0);
    expect(await files()).toEqual(before);
  });

  it.each([
    ['nothing', Buffer.alloc(0)],
    ['a few bytes', randomBytes(20)],
    ['an unknown signature type', Buffer.alloc(2000, 0xee)],
    ['large noise', randomBytes(2 * MiB)],
  ])('calls %s unparsable', async (_, body) => {
    const answer = await post(new Uint8Array(body));
    expect(answer.status).toBe(400);
    expect(await answer.text()).toContain('Data item parsing error!');
  });

  it('refuses other content types', async () => {
    const answer = await post(await item(randomBytes(10)), '/v1/tx', { 'content-type': 'application/json' });
    expect(answer.status).toBe(400);
    expect(await answer.text()).toContain('application/octet-stream');
  });

  it('refuses what nobody pays for with 402 before it is stored, and keeps nothing', async () => {
    const before = await files();
    const bytes = await item(randomBytes(FREE_LIMIT));
    const answer = await post(bytes);
    expect(answer.status).toBe(402);
    expect(await answer.text()).toBe('Insufficient balance');
    expect(await files()).toEqual(before);
  });

  it('refuses a body announced as too large with 413 before a byte of it was sent', async () => {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    socket.write(
      `POST /v1/tx HTTP/1.1\r\nHost: x\r\nContent-Type: application/octet-stream\r\nContent-Length: ${11 * 1024 * MiB}\r\n\r\n`,
    );
    const [answer] = (await once(socket, 'data')) as [Buffer];
    socket.destroy();
    expect(answer.toString()).toMatch(/^HTTP\/1.1 413 /);
  });

  it.each([500, 3 * MiB])('keeps nothing of an upload of %i bytes that breaks off', async (size) => {
    const before = await files();
    const bytes = await item(randomBytes(size));
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    socket.write(
      `POST /v1/tx HTTP/1.1\r\nHost: x\r\nContent-Type: application/octet-stream\r\nContent-Length: ${bytes.length}\r\n\r\n`,
    );
    await new Promise((sent) => socket.write(bytes.subarray(0, bytes.length - 10), sent));
    socket.destroy();
    await until(async () => (await metric('upload_errors_total{code="incomplete_body"}')) > 0);
    expect(await rows(idOf(bytes))).toBe(0);
    await until(async () => (await files()).length === before.length);
    // The same item is taken afterwards: nothing of the first try stands in its way.
    expect((await post(bytes)).status).toBe(200);
  });

  it('says 404 for unknown items and offsets that are not known yet, and 400 for what is no id', async () => {
    const unknown = randomBytes(32).toString('base64url');
    expect((await fetch(`${url}/v1/tx/${unknown}/status`)).status).toBe(404);
    expect((await fetch(`${url}/v1/tx/${unknown}/offsets`)).status).toBe(404);
    expect((await fetch(`${url}/v1/tx/no-id/status`)).status).toBe(400);
    const bytes = await item(randomBytes(10));
    await post(bytes);
    expect((await fetch(`${url}/v1/tx/${idOf(bytes)}/offsets`)).status).toBe(404);
  });

  it('tells who it is at /, /info and /v1/info', async () => {
    for (const path of ['/', '/info', '/v1/info']) {
      expect(await (await fetch(url + path)).json()).toMatchObject({
        version: '0.2.0',
        addresses: { arweave: expect.stringMatching(/^[\w-]{43}$/) },
        gateway: 'arweave.net',
        freeUploadLimitBytes: FREE_LIMIT,
      });
    }
  });

  it('answers the probes of old clients at the root', async () => {
    expect(await (await fetch(`${url}/price/arweave/100`)).text()).toBe('0.0000000000000');
    expect(await (await fetch(`${url}/account/balance/arweave`)).text()).toBe('9'.repeat(38));
    expect((await fetch(`${url}/v1/price/arweave/100`)).status).toBe(404);
  });

  it('tells probes and scrapes how it is, and documents itself', async () => {
    for (const base of [url, platform.processes[0]!.adminUrl]) {
      expect(await (await fetch(`${base}/health`)).text()).toBe('OK');
      expect(await (await fetch(`${base}/ready`)).json()).toEqual({
        ready: true,
        checks: { postgres: 'ok', 'object store': 'ok' },
      });
      expect(await (await fetch(`${base}/bundler_metrics`)).text()).toMatch(/upload_latency_seconds_bucket/);
    }
    const openapi = (await (await fetch(`${url}/openapi.json`)).json()) as { paths: object };
    expect(Object.keys(openapi.paths)).toEqual(
      expect.arrayContaining(['/v1/tx', '/v1/tx/{token}', '/v1/tx/{id}/status', '/v1/tx/{id}/offsets', '/v1/info']),
    );
  });

  it('writes the small items of a few milliseconds as one object', async () => {
    const before = (await files()).length;
    const items = await Promise.all(Array.from({ length: 60 }, () => item(randomBytes(300))));
    const answers = await Promise.all(items.map((bytes) => post(bytes)));
    expect(answers.every(({ status }) => status === 200)).toBe(true);
    expect((await files()).length - before).toBeLessThan(30);
  });

  it('takes an item signed with an Arweave key', async () => {
    const bytes = await createDataItem({ signer: await testSigner(), data: randomBytes(100) });
    expect((await post(bytes)).status).toBe(200);
  });

  async function metric(name: string): Promise<number> {
    const text = await (await fetch(`${url}/bundler_metrics`)).text();
    const line = text.split('\n').find((candidate) => candidate.startsWith(name));
    return line ? Number(line.split(' ').at(-1)) : 0;
  }
});

/** Waits for a condition, which a broken service would never meet. */
async function until(condition: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error('the condition was not met within 10 s');
    await wait(20);
  }
}
