import { randomBytes } from 'node:crypto';
import { createDataItem, ed25519Signer } from '@bundler/ans104';
import type { Receipt } from '@bundler/client';
import { describeUnless, findS3, Platform, type S3Server, s3Env, until } from '../src/index.ts';
import { startTcpProxy, type TcpProxy } from '../src/tcp-proxy.ts';

const s3 = await findS3(process.env, console.error);
const signer = ed25519Signer(randomBytes(32));

/** Settings that say where something is. */
const ADDRESSES = ['DB_WRITER_URL', 'REDIS_QUEUE_URL', 'REDIS_CACHE_URL', 'S3_ENDPOINT', 'ARWEAVE_GATEWAY'] as const;

describeUnless(s3.missing, 'a process that starts while everything is away', () => {
  let server: S3Server;
  let platform: Platform;
  const opened: TcpProxy[] = [];

  beforeAll(async () => {
    server = await s3.open();
    platform = await Platform.start({ apis: 0, workers: 0, env: { DB_ACQUIRE_TIMEOUT: '500' } });
  }, 60_000);
  afterAll(async () => {
    await platform?.stop();
    for (const wire of opened) await wire.close();
    await server?.close();
  });

  /** Wires to all servers, cut until the test opens them. */
  async function wires(): Promise<{ env: Record<string, string>; all: TcpProxy[] }> {
    const { cache, queue } = platform.servers;
    const urls = [
      platform.database.url,
      queue.running.url,
      cache.running.url,
      server.options.endpoint,
      platform.gateway.url,
    ];
    const all = await Promise.all(urls.map((url) => startTcpProxy(Number(new URL(url).port))));
    const env = Object.fromEntries(
      ADDRESSES.map((name, index) => {
        const url = new URL(urls[index]!);
        url.port = String(all[index]!.port);
        return [name, url.href];
      }),
    );
    for (const wire of all) wire.open = false;
    opened.push(...all);
    return { env: { ...s3Env(server.options), ...env }, all };
  }

  it.each(['upload', 'workers'] as const)(
    'waits for it and does not end: %s',
    async (role) => {
      const { env, all } = await wires();
      const started = platform.startProcess(role, env);
      started.catch(() => undefined);
      // The workers' store and gateway are asked when there is work.
      const asked = role === 'upload' ? all : all.slice(0, 3);
      try {
        await Promise.race([started, until(() => asked.every(({ refused }) => refused > 1), 20_000)]);
        for (const wire of all) wire.open = true;
        await started;
        expect(platform.endedByThemselves).toEqual([]);
      } finally {
        for (const wire of all) wire.open = true;
      }
    },
    60_000,
  );

  it('and then they work: what is uploaded becomes permanent', async () => {
    const bytes = await createDataItem({ signer, data: randomBytes(1000) });
    const client = platform.client();
    let receipt: Receipt | undefined;
    // Between two tries to ask the gateway for the height uploads are sent away, with a time to come back.
    await until(
      async () => (receipt ??= await client.uploadSigned(bytes).catch(() => undefined)) !== undefined,
      20_000,
    );
    await until(async () => (await client.status(receipt!.id))?.status === 'FINALIZED', 30_000);
  }, 60_000);
});
