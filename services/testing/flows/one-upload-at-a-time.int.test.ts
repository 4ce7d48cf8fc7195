import { randomBytes } from 'node:crypto';
import { PassThrough } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import { createDataItem, ed25519Signer } from '@bundler/ans104';
import { Ledger } from '../src/chaos/ledger.ts';
import { Platform, type PlatformProcess, until } from '../src/index.ts';
import { type Answer, KeepAliveClient } from '../src/keep-alive-client.ts';
import { objectFiles } from '../src/object-files.ts';

const MiB = 1024 * 1024;
const TTL_MS = 3000;
const signer = ed25519Signer(randomBytes(32));
const item = (byteCount: number): Promise<Buffer> => createDataItem({ signer, data: randomBytes(byteCount) });

/** An upload whose bytes come when the test says so. */
interface SlowUpload {
  readonly answer: Promise<Answer>;
  send(bytes: Buffer): void;
  end(bytes: Buffer): void;
  abort(): void;
}

describe('one item sent to two upload APIs at once', () => {
  let platform: Platform;
  let apis: readonly PlatformProcess[];
  let clients: KeepAliveClient[];

  beforeAll(async () => {
    const env = {
      FREE_UPLOAD_LIMIT: String(8 * MiB),
      IN_FLIGHT_DATA_ITEM_TTL_SECS: String(TTL_MS / 1000),
      UPLOAD_REQUEST_TIMEOUT_MS: String(TTL_MS),
    };
    platform = await Platform.start({ apis: 3, workers: 0, env });
    apis = platform.of('upload');
  }, 60_000);
  afterAll(() => platform?.stop());
  beforeEach(() => {
    clients = [];
  });
  afterEach(() => {
    for (const client of clients) client.close();
  });

  function clientOf(api: PlatformProcess): KeepAliveClient {
    const client = new KeepAliveClient(api.url, 64);
    clients.push(client);
    return client;
  }

  /** Begins an upload; resolves when it is the one that is being stored. */
  async function begin(api: PlatformProcess, bytes: Buffer, firstBytes: number): Promise<SlowUpload> {
    const before = (await objectFiles(platform.objectsDirectory)).size;
    const client = clientOf(api);
    const body = new PassThrough();
    const answer = client.upload(body);
    answer.catch(() => undefined);
    body.write(bytes.subarray(0, firstBytes));
    await until(async () => (await objectFiles(platform.objectsDirectory)).size > before);
    return {
      answer,
      send: (more) => void body.write(more),
      end: (last) => void body.end(last),
      abort: () => client.close(),
    };
  }

  async function settled(answer: Promise<unknown>, ms: number): Promise<boolean> {
    return Promise.race([
      answer.then(
        () => true,
        () => true,
      ),
      wait(ms, false),
    ]);
  }

  async function rowsOf(answer: Answer): Promise<number> {
    const ledger = await Ledger.open(platform.database.url);
    try {
      const { id } = JSON.parse(answer.text) as { id: string };
      return (await ledger.items()).filter((row) => row.id === id).length;
    } finally {
      await ledger.close();
    }
  }

  it('takes a trickle of ten seconds once, and gives the duplicate of second eight the same receipt', async () => {
    const bytes = await item(3 * MiB);
    const [first, second] = [1.5 * MiB, 2.9 * MiB];
    const slow = await begin(apis[0]!, bytes, first);
    const start = performance.now();
    const step = 16 * 1024;
    let sent = first;
    const trickleUntil = async (ms: number): Promise<void> => {
      for (; performance.now() - start < ms; sent += step) {
        if (sent + step <= second) slow.send(bytes.subarray(sent, sent + step));
        else sent -= step;
        await wait(100);
      }
    };
    await trickleUntil(8000);
    const duplicate = clientOf(apis[1]!).upload(bytes);
    await trickleUntil(9500);
    expect(await settled(duplicate, 1)).toBe(false);
    expect((await objectFiles(platform.objectsDirectory)).size).toBe(1);
    slow.end(bytes.subarray(sent));
    const answers = await Promise.all([slow.answer, duplicate]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    expect(JSON.parse(answers[1].text)).toEqual(JSON.parse(answers[0].text));
    expect(await rowsOf(answers[0])).toBe(1);
    expect((await objectFiles(platform.objectsDirectory)).size).toBe(1);
  }, 30_000);

  it('sends a duplicate away, with a time to come back, when the first takes too long', async () => {
    const bytes = await item(2 * MiB);
    const slow = await begin(apis[0]!, bytes, 1.5 * MiB);
    let over = false;
    const trickle = (async (): Promise<number> => {
      let sent = 1.5 * MiB;
      for (; !over; sent += 1000) {
        slow.send(bytes.subarray(sent, sent + 1000));
        await wait(200);
      }
      return sent;
    })();
    const answer = await fetch(`${apis[1]!.url}/v1/tx`, {
      method: 'POST',
      headers: { 'content-type': 'application/octet-stream' },
      body: new Uint8Array(bytes),
    });
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5']);
    expect(await answer.text()).toContain('The same data item is being uploaded.');
    over = true;
    slow.end(bytes.subarray(await trickle));
    expect((await slow.answer).status).toBe(200);
  }, 30_000);

  it('lets the duplicate take over when the first breaks off', async () => {
    const bytes = await item(2 * MiB);
    const slow = await begin(apis[0]!, bytes, 1.5 * MiB);
    const duplicate = clientOf(apis[1]!).upload(bytes);
    expect(await settled(duplicate, 500)).toBe(false);
    slow.abort();
    const answer = await duplicate;
    expect(answer.status).toBe(200);
    expect(await rowsOf(answer)).toBe(1);
  }, 30_000);

  it('lets it take over after the lifetime of the mark when the first process is killed', async () => {
    const bytes = await item(2 * MiB);
    await begin(apis[2]!, bytes, 1.5 * MiB);
    await apis[2]!.kill9();
    const killed = performance.now();
    await until(async () => (await clientOf(apis[1]!).upload(bytes)).status === 200, 20_000);
    // Sooner than the process counts as dead.
    expect(performance.now() - killed).toBeLessThan(TTL_MS + 6000);
  }, 40_000);

  it.each([1000, 2 * MiB])(
    'makes one row and one answer of 20 concurrent posts of %i bytes',
    async (size) => {
      const bytes = await item(size);
      const before = (await objectFiles(platform.objectsDirectory)).size;
      const answers = await Promise.all(
        Array.from({ length: 20 }, (_, index) => clientOf(apis[index % 2]!).upload(bytes)),
      );
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
      const receipts = new Set(answers.map(({ text }) => JSON.stringify(JSON.parse(text))));
      expect(receipts.size).toBe(1);
      expect(await rowsOf(answers[0]!)).toBe(1);
      if (size > MiB) expect((await objectFiles(platform.objectsDirectory)).size - before).toBe(1);
    },
    30_000,
  );

  it('takes large items while the Redis of the marks is gone', async () => {
    await platform.servers.cache.end((running) => running.stop());
    const bytes = await item(2 * MiB);
    const answers = await Promise.all([clientOf(apis[0]!).upload(bytes), clientOf(apis[1]!).upload(bytes)]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    expect(answers[0]!.text).toBe(answers[1]!.text);
    expect(await rowsOf(answers[0]!)).toBe(1);
  }, 30_000);
});
