import { createHash, randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { createDataItem, ed25519Signer } from '@bundler/ans104';
import { BundlerClient } from '@bundler/client';
import type { Progress } from '@bundler/contract';
import { EventStream } from '../src/event-stream.ts';
import { Platform, type PlatformProcess, until } from '../src/index.ts';
import { KeepAliveClient } from '../src/keep-alive-client.ts';
import { MultipartClient } from '../src/multipart/multipart-client.ts';
import { objectFiles } from '../src/object-files.ts';

const MiB = 1024 * 1024;
const HEARTBEAT_MS = 500;
const signer = ed25519Signer(randomBytes(32));
const item = (byteCount: number): Promise<Buffer> => createDataItem({ signer, data: randomBytes(byteCount) });
const idOf = (bytes: Buffer): string => createHash('sha256').update(bytes.subarray(2, 66)).digest('base64url');

describe('following an upload', () => {
  let platform: Platform;
  let a: PlatformProcess;
  let b: PlatformProcess;
  const opened: EventStream[] = [];

  beforeAll(async () => {
    // The chain stands still unless a test moves it: stages last as long as the test wants.
    const env = {
      FREE_UPLOAD_LIMIT: String(64 * MiB),
      PROGRESS_HEARTBEAT_MS: String(HEARTBEAT_MS),
      PROGRESS_UNKNOWN_AFTER_MS: '2000',
      ARWEAVE_CONFIRMATIONS: '3',
    };
    platform = await Platform.start({ apis: 2, workers: 0, blockIntervalMs: 0, env });
    [a, b] = platform.of('upload') as [PlatformProcess, PlatformProcess];
  }, 60_000);
  afterEach(() => {
    for (const stream of opened.splice(0)) stream.close();
  });
  afterAll(() => platform?.stop());

  async function follow(api: PlatformProcess, id: string, lastEventId?: string): Promise<EventStream> {
    const stream = await EventStream.open(`${api.url}/v1/upload/progress/${id}`, lastEventId);
    opened.push(stream);
    return stream;
  }
  async function upload(api: PlatformProcess, bytes: Buffer): Promise<string> {
    const headers = { 'content-type': 'application/octet-stream' };
    const answer = await fetch(`${api.url}/v1/tx`, { method: 'POST', headers, body: new Uint8Array(bytes) });
    expect(answer.status).toBe(200);
    return idOf(bytes);
  }
  const stages = (stream: EventStream): string[] => stream.data<Progress>('progress').map(({ stage }) => stage);
  /** The same without repetitions: byte counts are told as often as time allows. */
  const passed = (stream: EventStream): string[] => [...new Set(stages(stream))];
  const untilStage = (stream: EventStream, stage: string): Promise<void> =>
    until(() => stages(stream).includes(stage), 20_000);

  async function metric(api: PlatformProcess, start: string): Promise<number> {
    const text = await (await fetch(`${api.adminUrl}/bundler_metrics`)).text();
    return Number(
      text
        .split('\n')
        .find((line) => line.startsWith(start))
        ?.split(' ')[1] ?? 0,
    );
  }

  /** Sends an item slowly, until `enough` says so, and then all of it. */
  async function trickle(api: PlatformProcess, bytes: Buffer, enough: () => boolean): Promise<void> {
    const client = new KeepAliveClient(api.url, 1);
    const body = new PassThrough();
    const answer = client.upload(body);
    let sent = 2 * MiB;
    body.write(bytes.subarray(0, sent));
    await until(() => {
      const next = Math.min(sent + 32 * 1024, bytes.length - 1);
      body.write(bytes.subarray(sent, next));
      sent = next;
      return enough();
    }, 20_000);
    body.end(bytes.subarray(sent));
    expect((await answer).status).toBe(200);
    client.close();
  }

  it('shows through one replica what another one receives, before its first byte and until it is permanent', async () => {
    const bytes = await item(48 * MiB);
    const stream = await follow(b, idOf(bytes));
    expect([stream.status, stream.headers['content-type']]).toEqual([200, 'text/event-stream']);
    expect(stream.headers['access-control-allow-origin']).toBe('*');
    await trickle(a, bytes, () => stages(stream).filter((stage) => stage === 'receiving').length >= 3);
    await untilStage(stream, 'accepted');
    const received = stream
      .data<Progress>('progress')
      .flatMap((one) => (one.stage === 'receiving' ? [one.receivedByteCount!] : []));
    expect(received).toEqual([...received].sort((x, y) => x - y));
    expect(received.every((count) => count > 0 && count <= bytes.length)).toBe(true);

    const worker = await platform.startProcess('workers');
    await untilStage(stream, 'seeded');
    for (let block = 0; block < 4; block += 1) platform.gateway.mine();
    await stream.ended;
    expect(passed(stream)).toEqual(['receiving', 'stored', 'accepted', 'planned', 'posted', 'seeded', 'permanent']);
    const last = stream.data<Progress>('progress').at(-1)!;
    expect(last).toMatchObject({ id: idOf(bytes), stage: 'permanent', totalByteCount: bytes.length });
    expect(last.bundleId).toMatch(/^[A-Za-z0-9_-]{43}$/);
    // An EventSource comes again after every end; this tells it not to.
    expect((await follow(a, last.id, stream.lastId)).status).toBe(204);
    await worker.stop();
  }, 60_000);

  it('is resumed at another replica where a killed one left off', async () => {
    const dying = await platform.startProcess('upload');
    const id = await upload(dying, await item(1000));
    const first = await follow(dying, id);
    await untilStage(first, 'accepted');
    await dying.kill9();
    await first.ended;

    const second = await follow(b, id, first.lastId);
    const worker = await platform.startProcess('workers');
    await untilStage(second, 'seeded');
    await worker.stop();
    expect(stages(second)).toEqual(['planned', 'posted', 'seeded']);
    expect(stages(await resumed(a, id, 'planned', 'seeded'))).toEqual(['posted', 'seeded']);
  }, 60_000);

  async function resumed(api: PlatformProcess, id: string, lastEventId: string, stage: string): Promise<EventStream> {
    const stream = await follow(api, id, lastEventId);
    await untilStage(stream, stage);
    return stream;
  }

  it('is one call of the client, which outlives a crash of the process it follows', async () => {
    const bytes = await item(1000);
    const seen: string[] = [];
    const tracking = platform.client(0).trackUpload(idOf(bytes), { onProgress: ({ stage }) => seen.push(stage) });
    await upload(b, bytes);
    await until(() => seen.includes('accepted'));
    await a.crash();
    const worker = await platform.startProcess('workers');
    await until(() => seen.includes('seeded'), 20_000);
    for (let block = 0; block < 4; block += 1) platform.gateway.mine();
    expect((await tracking).stage).toBe('permanent');
    expect(seen).toEqual(['accepted', 'planned', 'posted', 'seeded', 'permanent']);
    await worker.stop();
  }, 60_000);

  it('is of an upload in parts by its own id: its parts, and then the item that it became', async () => {
    const bytes = await item(12 * MiB);
    const [chunk, parts] = [5 * MiB, new MultipartClient(a.url)];
    const uploadId = await parts.open(chunk);
    const stream = await follow(b, uploadId);
    const told = (): unknown[] => stream.data<Progress>('progress').map((one) => one.receivedByteCount);
    await until(() => told().includes(0));
    // The client asks for statuses only where something lets no streams through.
    const polling = new BundlerClient({
      uploadUrl: b.url,
      fetch: (url, init) =>
        new Request(url).url.includes('/upload/progress/')
          ? Promise.resolve(new Response('', { status: 404 }))
          : fetch(url, init),
    });
    const seen: Progress[] = [];
    const tracking = platform.client(1).trackUpload(uploadId, { onProgress: (progress) => seen.push(progress) });
    const polled = polling.trackUpload(uploadId);

    const send = (offset: number) => parts.send(uploadId, offset, bytes.subarray(offset, offset + chunk));
    expect((await send(chunk)).status).toBe(200);
    await until(() => told().includes(chunk));
    for (const offset of [2 * chunk, 0]) expect((await send(offset)).status).toBe(200);
    await until(() => told().includes(bytes.length));
    expect(passed(stream)).toEqual(['receiving']);
    expect(await parts.finalize(uploadId).then(({ status }) => status)).toBe(202);

    const worker = await platform.startProcess('workers');
    await untilStage(stream, 'seeded');
    for (let block = 0; block < 4; block += 1) platform.gateway.mine();
    await stream.ended;
    expect(passed(stream)).toEqual(['receiving', 'stored', 'accepted', 'planned', 'posted', 'seeded', 'permanent']);
    expect(stream.data<Progress>('progress').at(-1)).toMatchObject({
      id: uploadId,
      dataItemId: idOf(bytes),
      totalByteCount: bytes.length,
      bundleId: expect.any(String),
    });
    expect(await tracking).toMatchObject({ id: uploadId, stage: 'permanent', dataItemId: idOf(bytes) });
    expect(seen.map(({ stage }) => stage)).toEqual(expect.arrayContaining(['receiving', 'accepted', 'permanent']));
    expect(await polled).toMatchObject({ id: uploadId, stage: 'permanent' });
    await worker.stop();
  }, 60_000);

  it('tells that an upload in parts failed, and that one that was given up is unknown', async () => {
    const parts = new MultipartClient(a.url);
    const [bad, abandoned] = [await parts.open(5 * MiB), await parts.open(5 * MiB)];
    const streams = await Promise.all([bad, abandoned].map((id) => follow(b, id)));
    await Promise.all(streams.map((stream) => untilStage(stream, 'receiving')));
    const bytes = await item(1000);
    bytes[bytes.length - 1]! ^= 1;
    await parts.send(bad, 0, bytes);
    await parts.finalize(bad);
    await parts.abort(abandoned);
    const worker = await platform.startProcess('workers');
    await Promise.all(streams.map(({ ended }) => ended));
    await worker.stop();
    expect(streams[0]!.data<Progress>('progress').at(-1)).toEqual({ id: bad, stage: 'failed', reason: 'INVALID' });
    expect(streams[1]!.data('unknown')).toEqual([{ id: abandoned }]);
  }, 60_000);

  it('tells that an item failed, and why, and ends', async () => {
    const before = new Set((await objectFiles(platform.objectsDirectory)).keys());
    const id = await upload(a, await item(2 * MiB));
    const stream = await follow(b, id);
    await untilStage(stream, 'accepted');
    const added = [...(await objectFiles(platform.objectsDirectory)).keys()].filter((key) => !before.has(key));
    for (const key of added) await rm(join(platform.objectsDirectory, key));
    const worker = await platform.startProcess('workers');
    await stream.ended;
    await worker.stop();
    const last = stream.data<Progress>('progress').at(-1)!;
    expect(last).toMatchObject({ id, stage: 'failed', reason: expect.any(String) });
    expect((await follow(a, id, stream.lastId)).status).toBe(204);
  }, 60_000);

  it('shows a sign of life when nothing happens', async () => {
    const stream = await follow(a, await upload(a, await item(1000)));
    await untilStage(stream, 'accepted');
    const count = (): number => stream.events.filter(({ comment }) => comment).length;
    const before = count();
    await until(() => count() >= before + 2);
    expect(stages(stream)).toEqual(['accepted']);
  });

  it('ends with "unknown" when an id stays unknown, and refuses what is no id', async () => {
    const id = randomBytes(32).toString('base64url');
    const stream = await follow(a, id);
    await stream.ended;
    expect(stream.data('unknown')).toEqual([{ id }]);
    expect(stages(stream)).toEqual([]);
    expect((await follow(a, 'not%20an%20id')).status).toBe(400);
  });

  it('costs one query an interval, whoever and however many follow', async () => {
    const ids = await Promise.all(Array.from({ length: 10 }, async () => upload(a, await item(1000))));
    const many = await Promise.all(Array.from({ length: 200 }, (_, index) => follow(b, ids[index % 10]!)));
    for (const stream of many) await untilStage(stream, 'accepted');
    const name = 'progress_looks_total{source="items",result="ok"}';
    const [before, start] = [await metric(b, name), performance.now()];
    expect(await metric(b, 'progress_streams')).toBe(200);
    await until(async () => (await metric(b, name)) >= before + 3);
    const seconds = (performance.now() - start) / 1000;
    expect((await metric(b, name)) - before).toBeLessThanOrEqual(seconds + 2);
    for (const stream of many) stream.close();
    await until(async () => (await metric(b, 'progress_streams')) === 0);
  }, 30_000);

  it('is refused with 503 and Retry-After when a process has as many streams as it may, and pages may read that', async () => {
    const narrow = await platform.startProcess('upload', { PROGRESS_MAX_STREAMS: '2' });
    const id = await upload(narrow, await item(1000));
    const open = [await follow(narrow, id), await follow(narrow, id)];
    const refused = await follow(narrow, id);
    expect(refused.status).toBe(503);
    expect(refused.headers).toMatchObject({ 'retry-after': '5', 'access-control-allow-origin': '*' });
    open[0]!.close();
    await until(async () => (await follow(narrow, id)).status === 200);
    await narrow.kill9();
  }, 30_000);

  it('is handed on by a process that stops, and keeps it from nothing', async () => {
    const stopping = await platform.startProcess('upload');
    const id = await upload(stopping, await item(1000));
    const stream = await follow(stopping, id);
    await untilStage(stream, 'accepted');
    const exitCode = stopping.stop();
    await stream.ended;
    expect(stream.events.at(-1)!.retry).toBeGreaterThanOrEqual(500);
    expect(stream.events.at(-1)!.retry).toBeLessThanOrEqual(2000);
    expect(await exitCode).toBe(0);
  }, 30_000);

  it('goes on with what the database knows while the cache Redis is away', async () => {
    const { cache } = platform.servers;
    process.kill(cache.running.pid, 'SIGSTOP');
    try {
      const bytes = await item(3 * MiB);
      const stream = await follow(b, idOf(bytes));
      await upload(a, bytes);
      await untilStage(stream, 'accepted');
    } finally {
      process.kill(cache.running.pid, 'SIGCONT');
    }
  }, 30_000);
});
