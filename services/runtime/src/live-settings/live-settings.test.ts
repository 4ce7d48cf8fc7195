import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError, createMetrics, LiveSettings, startAdminServer } from '../index.ts';
import { createLogger } from '../log.ts';
import type { Following } from './live-settings.ts';

const required = {
  DB_WRITER_URL: 'postgres://user:hush@localhost/bundler',
  REDIS_QUEUE_URL: 'redis://localhost',
  REDIS_CACHE_URL: 'redis://localhost',
  ARWEAVE_WALLET_FILE: '/wallet.json',
  OBJECT_STORE: 'fs',
  OBJECT_STORE_DIR: '/objects',
};
const text = (generation: number, settings: Record<string, string>) => JSON.stringify({ generation, settings });

describe('live settings', () => {
  let directory: string;
  let file: string;
  let metrics: ReturnType<typeof createMetrics>;
  const opened: LiveSettings[] = [];

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'live-settings-'));
    file = join(directory, 'live.json');
    metrics = createMetrics();
  });
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((live) => live.stop()));
    await rm(directory, { recursive: true });
  });

  const open = async (env: Record<string, string> = {}, following: Partial<Following> = {}) => {
    const live = await LiveSettings.open('workers', { ...required, LIVE_SETTINGS_FILE: file, ...env });
    // Looked at only when told to, unless the test says otherwise.
    live.follow({ logger: createLogger('test', 'silent'), metrics, everyMs: 3_600_000, ...following });
    opened.push(live);
    return live;
  };
  const write = async (content: string, live?: LiveSettings) => {
    await writeFile(file, content);
    await live?.refresh();
  };
  const value = async (name: 'liveSettingsGeneration' | 'liveSettingsErrors') =>
    (await metrics[name].get()).values[0]?.value;

  it('stand over the environment from the start, and the defaults under it', async () => {
    await write(text(3, { LOG_LEVEL: 'debug', SEED_CHUNK_CONCURRENCY: '2' }));
    const { config } = await open({ LOG_LEVEL: 'warn', MAX_DATA_ITEM_LIMIT: '7' });
    expect(config).toMatchObject({ logLevel: 'debug', seedChunkConcurrency: 2, maxBundleItems: 7, planInterval: 5000 });
    expect(await value('liveSettingsGeneration')).toBe(3);
  });

  it('change in a running process, and tell those who act on a change', async () => {
    await write(text(1, { LOG_LEVEL: 'info' }));
    const live = await open();
    const seen: string[] = [];
    live.onChange(() => seen.push(live.config.logLevel));
    await write(text(2, { LOG_LEVEL: 'debug', OVERDUE_DATA_ITEM_THRESHOLD_MS: '250' }), live);
    expect(live.config).toMatchObject({ logLevel: 'debug', overdueThreshold: 250 });
    expect(seen).toEqual(['info', 'debug']);
    expect(await value('liveSettingsGeneration')).toBe(2);
  });

  it('obey a new generation with the same values without telling anyone', async () => {
    await write(text(1, { LOG_LEVEL: 'warn' }));
    const live = await open();
    let told = 0;
    live.onChange(() => told++);
    await write(text(2, { LOG_LEVEL: 'warn' }), live);
    expect(told).toBe(1);
    expect(live.report().generation).toBe(2);
  });

  it('go back to the environment, then to the default, when the file no longer has them', async () => {
    await write(text(1, { LOG_LEVEL: 'debug', MAX_DATA_ITEM_LIMIT: '3' }));
    const live = await open({ LOG_LEVEL: 'warn' });
    await write(text(2, {}), live);
    expect(live.config).toMatchObject({ logLevel: 'warn', maxBundleItems: 10_000 });
  });

  it.each([
    ['half a file', text(2, { LOG_LEVEL: 'debug' }).slice(0, -5), 'is not JSON, or only half of it'],
    ['an empty file', '', 'is not JSON, or only half of it'],
    ['a value out of its bounds', text(2, { LOG_LEVEL: 'debug', PLAN_WORKER_CONCURRENCY: '0' }), 'must be from 1 to'],
    ['a value of another kind', text(2, { LOG_LEVEL: 'loud' }), 'must be one of'],
    ['a number where a text is due', '{"generation":2,"settings":{"LOG_LEVEL":1}}', 'must have a text for LOG_LEVEL'],
    ['no generation', '{"settings":{}}', 'must have a whole number as its generation'],
    ['no settings', '{"generation":2}', 'must have an object as its settings'],
    ['something else', 'null', 'must have a whole number as its generation'],
    ['a file that is too large', 'x'.repeat(1024 * 1024 + 1), 'is larger than'],
  ])('keep their last good values for %s, count it once, and recover', async (_, content, problem) => {
    await write(text(1, { LOG_LEVEL: 'warn' }));
    const live = await open();
    await write(content, live);
    await live.refresh();
    expect(live.config.logLevel).toBe('warn');
    expect(live.report()).toMatchObject({ generation: 1, problem: expect.stringContaining(problem) });
    expect(await value('liveSettingsErrors')).toBe(1);
    await write(text(2, { LOG_LEVEL: 'error' }), live);
    expect(live.config.logLevel).toBe('error');
    expect(live.report()).toMatchObject({ generation: 2, problem: undefined });
  });

  it('are good again when a bad file is put back as it was', async () => {
    const good = text(1, { LOG_LEVEL: 'warn' });
    await write(good);
    const live = await open();
    await write('{', live);
    await write(good, live);
    expect(live.report().problem).toBeUndefined();
  });

  it('keep their last good values while the file is away', async () => {
    await write(text(1, { LOG_LEVEL: 'warn' }));
    const live = await open();
    await rm(file);
    await live.refresh();
    expect(live.config.logLevel).toBe('warn');
    expect(live.report().problem).toContain('ENOENT');
  });

  it('leave alone what needs a new process, what another role reads, and what a later version knows', async () => {
    await write(text(1, { DB_POOL_MAX: '9', UPLOAD_GROUP_INTERVAL_MS: 'x', OF_A_LATER_VERSION: '1' }));
    const live = await open({ DB_POOL_MAX: '20' });
    expect(live.config.databasePoolMax).toBe(20);
    expect(live.report().problem).toBeUndefined();
  });

  it('follow a mounted ConfigMap, which is swapped two links above the file', async () => {
    const version = async (name: string, content: string) => {
      await mkdir(join(directory, name));
      await writeFile(join(directory, name, 'live.json'), content);
      await symlink(name, join(directory, '..data_tmp'));
      await rename(join(directory, '..data_tmp'), join(directory, '..data'));
    };
    await version('..2026_1', text(1, { LOG_LEVEL: 'info' }));
    await symlink(join('..data', 'live.json'), file);
    const live = await open({}, { everyMs: 5 });
    const changed = new Promise<void>((resolve) => live.onChange(() => live.config.logLevel === 'trace' && resolve()));
    await version('..2026_2', text(2, { LOG_LEVEL: 'trace' }));
    await rm(join(directory, '..2026_1'), { recursive: true });
    await changed;
    expect(live.report()).toMatchObject({ generation: 2, problem: undefined });
  });

  it('take from what is asked only what the process can obey, and say what waits', async () => {
    await write(text(1, { PLAN_WORKER_CONCURRENCY: '5', LOG_LEVEL: 'info' }));
    const live = await open({}, { restrict: (asked, now) => ({ ...asked, planConcurrency: now.planConcurrency }) });
    await write(text(2, { PLAN_WORKER_CONCURRENCY: '50', LOG_LEVEL: 'warn' }), live);
    expect(live.config).toMatchObject({ planConcurrency: 5, logLevel: 'warn' });
    expect(live.report()).toMatchObject({ generation: 2, waiting: { PLAN_WORKER_CONCURRENCY: '50' } });
  });

  it('reach everyone even when one of those who are told fails', async () => {
    await write(text(1, { LOG_LEVEL: 'info' }));
    const live = await open();
    const seen: string[] = [];
    live.onChange(() => {
      if (live.config.logLevel === 'warn') throw new Error('no');
    });
    live.onChange(() => seen.push(live.config.logLevel));
    await write(text(2, { LOG_LEVEL: 'warn' }), live);
    expect(seen).toEqual(['info', 'warn']);
  });

  it.each([
    ['is missing', undefined, /LIVE_SETTINGS_FILE .* ENOENT/],
    ['is half written', '{"gen', /LIVE_SETTINGS_FILE .* is not JSON/],
    ['has a wrong value', text(1, { LOG_LEVEL: 'loud' }), /LOG_LEVEL must be one of/],
  ])('do not let a process begin with others when the file %s', async (_, content, problem) => {
    if (content !== undefined) await write(content);
    const start = LiveSettings.open('workers', { ...required, LIVE_SETTINGS_FILE: file });
    await expect(start).rejects.toThrow(ConfigError);
    await expect(start).rejects.toThrow(problem);
  });

  it('come from the environment alone when no file is named', async () => {
    const live = await open({ LIVE_SETTINGS_FILE: '', LOG_LEVEL: 'warn' });
    expect(live.config.logLevel).toBe('warn');
    expect(live.report().generation).toBe(0);
  });

  it('are shown by the admin server as they are in effect, without secrets', async () => {
    await write(text(4, { LOG_LEVEL: 'debug' }));
    const live = await open();
    const health = { dependencies: [], draining: () => false };
    const settings = () => live.report();
    const server = await startAdminServer({ host: '127.0.0.1', port: 0, health, registry: metrics.registry, settings });
    try {
      const { body } = await server.inject('/settings');
      expect(JSON.parse(body)).toMatchObject({ generation: 4, settings: { LOG_LEVEL: 'debug', DB_POOL_MAX: '50' } });
      expect(body).not.toContain('hush');
    } finally {
      await server.close();
    }
  });
});
