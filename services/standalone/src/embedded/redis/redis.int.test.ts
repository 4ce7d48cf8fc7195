import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { defaultCacheDir } from '../cache-dir.ts';
import { freePort } from '../process/ports.ts';
import { processIdentity } from '../process/process-table.ts';
import { type EmbeddedRedis, type RedisOptions, startRedis } from './redis.ts';

import.meta.jest.setTimeout(300_000);

describe('embedded Redis', () => {
  const directory = mkdtempSync(join(tmpdir(), 'embedded-redis-'));
  const cacheDir = defaultCacheDir({});
  let server: EmbeddedRedis | undefined;

  async function start(role: RedisOptions['role'], changes: Partial<RedisOptions> = {}): Promise<EmbeddedRedis> {
    const port = await freePort();
    server = await startRedis({ dataDir: join(directory, role), port, role, cacheDir, ...changes });
    return server;
  }

  async function use<T>(work: (client: Redis) => Promise<T>): Promise<T> {
    const client = new Redis(server?.url ?? '', { lazyConnect: true, retryStrategy: () => null });
    await client.connect();
    try {
      return await work(client);
    } finally {
      client.disconnect();
    }
  }

  afterEach(() => server?.stop());
  afterAll(() => rmSync(directory, { recursive: true }));

  it('serves a queue that keeps its data over a restart', async () => {
    await start('queue');
    expect(await use((client) => client.set('job', '1'))).toBe('OK');
    expect(await use((client) => client.config('GET', 'maxmemory-policy'))).toEqual(['maxmemory-policy', 'noeviction']);
    await server?.stop();
    await start('queue');
    expect(await use((client) => client.get('job'))).toBe('1');
  });

  it('recovers the queue when it was killed', async () => {
    const killed = await start('queue');
    await use((client) => client.set('job', '2'));
    killed.kill9();
    expect(await killed.exited).toEqual({ code: null, signal: 'SIGKILL' });
    await start('queue');
    expect(await use((client) => client.get('job'))).toBe('2');
  });

  it('serves a cache that stays within its memory by forgetting', async () => {
    await start('cache', { maxMemory: '4mb' });
    const value = 'x'.repeat(100_000);
    const kept = await use(async (client) => {
      for (let i = 0; i < 100; i++) await client.set(`entry:${i}`, value);
      return client.dbsize();
    });
    expect(kept).toBeGreaterThan(0);
    expect(kept).toBeLessThan(100);
    await server?.stop();
    await start('cache');
    expect(await use((client) => client.dbsize())).toBe(0);
  });

  it('takes over the data of a launcher that was killed', async () => {
    const [dataDir, port] = [join(directory, 'queue'), await freePort()];
    const options = JSON.stringify({ dataDir, port, role: 'queue', cacheDir });
    const script = `
      import { startRedis } from ${JSON.stringify(new URL('./redis.ts', import.meta.url).href)};
      console.log((await startRedis(${options})).pid);`;
    const launcher = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [firstLine] = await once(launcher.stdout, 'data');
    launcher.kill('SIGKILL');
    await once(launcher, 'exit');
    await start('queue');
    expect(processIdentity(Number(String(firstLine)))).toBeUndefined();
    expect(await use((client) => client.ping())).toBe('PONG');
  });

  it('names the port that is taken and the setting that changes it', async () => {
    const squatter = createServer().listen(0, '127.0.0.1');
    await once(squatter, 'listening');
    const { port } = squatter.address() as { port: number };
    await expect(start('cache', { port })).rejects.toThrow(
      new RegExp(`Port ${port} on 127.0.0.1 is taken by .*the cache Redis with REDIS_CACHE_PORT`),
    );
    squatter.close();
  });

  it('refuses a second server on the same data', async () => {
    const first = await start('queue');
    await expect(start('queue')).rejects.toThrow(`the queue Redis is already running as pid ${first.pid}`);
  });

  it('leaves neither process nor pid file when it is stopped', async () => {
    const stopped = await start('queue');
    await stopped.stop();
    expect(processIdentity(stopped.pid)).toBeUndefined();
    expect(existsSync(join(directory, 'queue.pid'))).toBe(false);
  });
});
