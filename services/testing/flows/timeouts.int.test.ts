import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { createDataItem, ed25519Signer } from '@bundler/ans104';
import { Platform, until } from '../src/index.ts';
import { objectFiles } from '../src/object-files.ts';

const MiB = 1024 * 1024;
const IDLE_MS = 4500;
const KEEP_ALIVE_MS = 5000;
const HEADERS_MS = 4000;
const MAX_MS = 22_000;
const MIN_RATE = 10_000;
// Well above the moments in which a shared machine stands still.
const WINDOW_MS = 3000;

const signer = ed25519Signer(randomBytes(32));
const item = (byteCount: number): Promise<Buffer> => createDataItem({ signer, data: randomBytes(byteCount) });

/** Everything scaled down: the limits are minutes in production. */
describe('time limits of the upload API', () => {
  let platform: Platform;
  let url: string;
  let sockets: Socket[];

  beforeAll(async () => {
    platform = await Platform.start({
      workers: 0,
      env: {
        FREE_UPLOAD_LIMIT: String(8 * MiB),
        UPLOAD_REQUEST_TIMEOUT_MS: String(IDLE_MS),
        UPLOAD_KEEPALIVE_TIMEOUT_MS: String(KEEP_ALIVE_MS),
        UPLOAD_HEADERS_TIMEOUT_MS: String(HEADERS_MS),
        UPLOAD_MAX_DURATION_MS: String(MAX_MS),
        UPLOAD_MIN_RATE: String(MIN_RATE),
        UPLOAD_MIN_RATE_WINDOW_MS: String(WINDOW_MS),
      },
    });
    url = platform.of('upload')[0]!.url;
  }, 60_000);
  afterAll(() => platform?.stop());
  beforeEach(() => {
    sockets = [];
  });
  afterEach(() => {
    for (const socket of sockets) socket.destroy();
  });

  /** A connection, what came on it, and how long it was open when it ended. */
  interface Raw {
    readonly socket: Socket;
    readonly ended: Promise<{ text: string; afterMs: number }>;
    text(): string;
  }

  function open(): Raw {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    sockets.push(socket);
    const start = performance.now();
    let text = '';
    socket.on('data', (bytes) => {
      text += String(bytes);
    });
    socket.on('error', () => undefined);
    const ended = new Promise<{ text: string; afterMs: number }>((resolve) => {
      for (const event of ['end', 'close'])
        socket.once(event, () => resolve({ text, afterMs: performance.now() - start }));
    });
    return { socket, ended, text: () => text };
  }

  const headOf = (byteCount: number): string =>
    `POST /v1/tx HTTP/1.1\r\nHost: x\r\nContent-Type: application/octet-stream\r\nContent-Length: ${byteCount}\r\n\r\n`;

  async function cut(kind: string): Promise<number> {
    const text = await (await fetch(`${url}/bundler_metrics`)).text();
    const line = text.split('\n').find((one) => one.startsWith(`server_timeouts_total{kind="${kind}"}`));
    return line ? Number(line.split(' ').at(-1)) : 0;
  }

  /** Sends so many bytes a second until the connection ends or `ms` are over. */
  async function trickle(socket: Socket, bytes: Buffer, from: number, perSecond: number, ms: number): Promise<number> {
    const start = performance.now();
    let sent = from;
    while (!socket.destroyed && !socket.readableEnded && performance.now() - start < ms) {
      // By the clock and not by the turn: turns are late on a busy machine.
      const due = Math.min(bytes.length, from + Math.ceil(((performance.now() - start) / 1000 + 0.05) * perSecond));
      if (due > sent) socket.write(bytes.subarray(sent, due));
      sent = due;
      await wait(50);
    }
    return sent;
  }

  it('cuts headers that come too slowly, with 408', async () => {
    const before = await cut('too_long');
    const { socket, ended } = open();
    socket.write('POST /v1/tx HTTP/1.1\r\n');
    void (async () => {
      while (!socket.destroyed && !socket.readableEnded) {
        socket.write('X: y\r\n');
        await wait(500);
      }
    })();
    const { text, afterMs } = await ended;
    expect(text).toMatch(/^HTTP\/1.1 408 /);
    expect(afterMs).toBeGreaterThan(HEADERS_MS - 100);
    expect(afterMs).toBeLessThan(HEADERS_MS + 6000);
    expect(await cut('too_long')).toBe(before + 1);
  }, 30_000);

  it('cuts a body that stops, with 408, and keeps nothing of it', async () => {
    const before = (await cut('idle')) + (await cut('slow_body'));
    const bytes = await item(2 * MiB);
    const { socket, ended } = open();
    socket.write(headOf(bytes.length));
    socket.write(bytes.subarray(0, 1.5 * MiB));
    const { text, afterMs } = await ended;
    expect(text).toMatch(/^HTTP\/1.1 408 /);
    expect(text).toContain('The request took too long to arrive.');
    expect(afterMs).toBeGreaterThan(WINDOW_MS - 100);
    expect((await cut('idle')) + (await cut('slow_body'))).toBe(before + 1);
    await until(async () => (await objectFiles(platform.objectsDirectory)).size === 0);
  }, 30_000);

  it('closes a connection that nobody uses, without a word', async () => {
    const before = await cut('keep_alive');
    const { socket, ended, text } = open();
    socket.write('GET /v1/info HTTP/1.1\r\nHost: x\r\n\r\n');
    await until(() => text().includes('"version"'));
    const { text: all, afterMs } = await ended;
    expect(all).not.toContain('408');
    expect(afterMs).toBeGreaterThan(KEEP_ALIVE_MS - 100);
    expect(await cut('keep_alive')).toBe(before + 1);
  }, 30_000);

  it('cuts a body below its minimum rate, with 408, although it never stops', async () => {
    const before = await cut('slow_body');
    const bytes = await item(3 * MiB);
    const { socket, ended } = open();
    socket.write(headOf(bytes.length));
    socket.write(bytes.subarray(0, 1.5 * MiB));
    void trickle(socket, bytes, 1.5 * MiB, MIN_RATE / 10, 20_000);
    const { text } = await ended;
    expect(text).toMatch(/^HTTP\/1.1 408 /);
    expect(await cut('slow_body')).toBe(before + 1);
  }, 30_000);

  it('lets one that keeps its minimum rate come for far longer than the idle limit', async () => {
    const bytes = await item(2 * MiB);
    const { socket, text } = open();
    socket.write(headOf(bytes.length));
    socket.write(bytes.subarray(0, 1.5 * MiB));
    // Three times the idle limit, as half an hour is to ten minutes.
    const sent = await trickle(socket, bytes, 1.5 * MiB, 2 * MIN_RATE, 3 * IDLE_MS);
    expect([text(), socket.destroyed]).toEqual(['', false]);
    socket.write(bytes.subarray(sent));
    await until(() => text() !== '');
    expect(text()).toMatch(/^HTTP\/1.1 200 /);
  }, 30_000);

  it('cuts a request that takes longer than any may, with 408', async () => {
    const before = await cut('too_long');
    const bytes = await item(3 * MiB);
    const { socket, ended } = open();
    socket.write(headOf(bytes.length));
    socket.write(bytes.subarray(0, 1.5 * MiB));
    void trickle(socket, bytes, 1.5 * MiB, 2 * MIN_RATE, 45_000);
    const { text, afterMs } = await ended;
    expect(text).toMatch(/^HTTP\/1.1 408 /);
    expect(afterMs).toBeGreaterThan(MAX_MS - 100);
    expect(await cut('too_long')).toBe(before + 1);
  }, 60_000);

  it('answers 400 to what is not HTTP, and counts it', async () => {
    const { socket, ended } = open();
    socket.write('hello\r\n\r\n');
    expect((await ended).text).toMatch(/^HTTP\/1.1 400 /);
    const scraped = await (await fetch(`${url}/bundler_metrics`)).text();
    expect(scraped).toMatch(/http_client_errors_total\{code="HPE_\w+"\} [1-9]/);
  });
});
