import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type OwnServers, startOwnServers } from './own-servers.ts';

describe('emptying both Redis servers', () => {
  let directory: string;
  let servers: OwnServers;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'bundler-own-servers-'));
    servers = await startOwnServers(directory, false);
  });
  afterAll(async () => {
    await servers?.stop();
    await rm(directory, { recursive: true, force: true });
  });

  it('waits for one that is being killed', async () => {
    const crashing = servers.queue.crash();
    await servers.flushRedis();
    expect(servers.queue.unharmed).toBe(true);
    await crashing;
  });
});
