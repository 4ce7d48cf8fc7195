import { randomBytes } from 'node:crypto';
import { createDataItem, ed25519Signer } from '@bundler/ans104';
import type { Receipt } from '@bundler/client';
import { Platform, type PlatformProcess, until } from '../src/index.ts';
import { KeepAliveClient } from '../src/keep-alive-client.ts';
import { startTcpProxy } from '../src/tcp-proxy.ts';

const MiB = 1024 * 1024;
const signer = ed25519Signer(randomBytes(32));
const item = (byteCount: number): Promise<Buffer> => createDataItem({ signer, data: randomBytes(byteCount) });

describe('while PostgreSQL is killed and comes back', () => {
  let platform: Platform;
  let api: PlatformProcess;
  let client: KeepAliveClient;
  let known: Receipt;

  beforeAll(async () => {
    // Shorter than any start of PostgreSQL, so that readers meet its absence.
    const env = { DB_ACQUIRE_TIMEOUT: '100', FREE_UPLOAD_LIMIT: String(8 * MiB) };
    platform = await Platform.start({ workers: 0, ownPostgres: true, env });
    api = platform.of('upload')[0]!;
    client = new KeepAliveClient(api.url, 10);
    known = JSON.parse((await client.upload(await item(1000))).text) as Receipt;
  }, 60_000);
  afterAll(async () => {
    client?.close();
    await platform?.stop();
  });

  async function whileAway<T>(work: () => Promise<T>): Promise<T> {
    const postgres = platform.servers.postgres!;
    const back = postgres.crash();
    await until(() => !postgres.alive);
    const result = await work();
    await back;
    return result;
  }

  it('a status is answered with 503 and a time to come back, not with a failure, and not as unknown', async () => {
    const read = (): Promise<Response> => fetch(`${api.url}/v1/tx/${known.id}/status`);
    const answer = await whileAway(read);
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '1']);
    expect((await read()).status).toBe(200);
  }, 30_000);

  it('a small upload waits for it and gets its receipt', async () => {
    const bytes = await item(1000);
    const answer = await whileAway(() => client.upload(bytes));
    expect(answer.status).toBe(200);
    expect(JSON.parse((await client.upload(bytes)).text)).toEqual(JSON.parse(answer.text));
  }, 30_000);

  it('a large upload is refused with 503 before it is stored, and taken afterwards', async () => {
    const bytes = await item(3 * MiB);
    expect((await whileAway(() => client.upload(bytes))).status).toBe(503);
    expect((await client.upload(bytes)).status).toBe(200);
  }, 30_000);

  it('the API lives on, not ready until it is back', async () => {
    const ready = (): Promise<Response> => fetch(`${api.adminUrl}/ready`);
    const answer = await whileAway(ready);
    expect([answer.status, await answer.json()]).toMatchObject([503, { checks: { 'object store': 'ok' } }]);
    expect((await ready()).status).toBe(200);
    expect(platform.endedByThemselves).toEqual([]);
  }, 30_000);

  it('an API that is started meanwhile waits for it, too', async () => {
    const url = new URL(platform.database.url);
    const wire = await startTcpProxy(Number(url.port));
    wire.open = false;
    url.port = String(wire.port);
    const starting = platform.startProcess('upload', { DB_WRITER_URL: url.href });
    try {
      await Promise.race([starting, until(() => wire.refused > 2)]);
      wire.open = true;
      const late = new KeepAliveClient((await starting).url, 1);
      expect((await late.upload(await item(1000))).status).toBe(200);
      late.close();
    } finally {
      const started = await starting.catch(() => undefined);
      await started?.kill9();
      await wire.close();
    }
  }, 60_000);
});
