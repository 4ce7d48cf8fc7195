import { readFileSync } from 'node:fs';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../supervisor/index.ts';
import { readDocument } from './document.ts';
import { settingsIn } from './environment.ts';
import { readOptions } from './options.ts';
import { type PlatformInput, readPlatform } from './platform.ts';
import { watchFiles } from './watch.ts';

const root = join(import.meta.dirname, '../../../..');
const committed = readFileSync(join(root, 'standalone.yaml'), 'utf8');
const input = (changes: Partial<PlatformInput> = {}): PlatformInput => ({
  file: committed,
  overrides: {},
  provided: { BIND_ADDRESS: '127.0.0.1', DB_WRITER_URL: 'postgres://own' },
  fallbacks: { 'objectStore.directory': '/data/objects', 'arweave.gateway': 'http://127.0.0.1:1984' },
  liveDirectory: '/data/run/live',
  generation: 7,
  ...changes,
});
const upload = (changes: Partial<PlatformInput> = {}) => {
  const { platform, problems } = readPlatform(input(changes));
  expect(problems).toBeUndefined();
  return platform!.desired.find(({ template }) => template.serves)!;
};

describe('the committed standalone.yaml', () => {
  it('is valid, and runs the upload API, workers for all queues, and the payment service', () => {
    const { platform } = readPlatform(input());
    expect(platform!.desired.map(({ template }) => template.deployment)).toEqual([
      'local-upload',
      'local-workers',
      'local-payment',
    ]);
    expect(upload().template.env).toMatchObject({
      OBJECT_STORE_DIR: '/data/objects',
      ARWEAVE_GATEWAY: 'http://127.0.0.1:1984',
      BIND_ADDRESS: '127.0.0.1',
    });
  });
});

describe('readPlatform', () => {
  it('puts the environment over the file, in places of the spec and beside it', () => {
    const { template, replicas } = upload({ overrides: { API_INSTANCES: '5', DB_WRITER_URL: 'postgres://given' } });
    expect(replicas).toBe(5);
    expect(template.env.DB_WRITER_URL).toBe('postgres://given');
  });

  it('fills only what the file leaves empty', () => {
    const file = committed.replace('driver: fs', 'driver: fs\n    directory: /elsewhere');
    expect(upload({ file }).template.env.OBJECT_STORE_DIR).toBe('/elsewhere');
  });

  it('does not let anybody give all processes the same admin port', () => {
    expect(upload({ overrides: { ADMIN_PORT: '9301' } }).template.env).not.toHaveProperty('ADMIN_PORT');
  });

  it('gives live settings to all processes in a file, and nobody in his environment', () => {
    const { platform } = readPlatform(input({ overrides: { LOG_LEVEL: 'debug' } }));
    expect(JSON.parse(platform!.live)).toMatchObject({
      generation: 7,
      settings: { LOG_LEVEL: 'debug', PLAN_INTERVAL_MS: '500', PLAN_WORKER_CONCURRENCY: '5' },
    });
    for (const { template } of platform!.desired) {
      expect(template.env).toMatchObject({ LIVE_SETTINGS_FILE: '/data/run/live/live.json' });
      expect(template.env).not.toHaveProperty('LOG_LEVEL');
    }
  });

  it('keeps the processes when only a live setting differs, and names another configuration', () => {
    const [before, after] = ['info', 'debug'].map((level) => readPlatform(input({ overrides: { LOG_LEVEL: level } })));
    expect(after!.platform!.desired).toEqual(before!.platform!.desired);
    expect(after!.platform!.hash).not.toBe(before!.platform!.hash);
  });

  it('names a configuration alike whatever its number', () => {
    const hash = (generation: number) => readPlatform(input({ generation })).platform!.hash;
    expect(hash(8)).toBe(hash(9));
  });

  it('does not let anybody name another file of live settings', () => {
    const { template } = upload({ overrides: { LIVE_SETTINGS_FILE: '/elsewhere' } });
    expect(template.env.LIVE_SETTINGS_FILE).toBe('/data/run/live/live.json');
  });

  it('names the same configuration alike, and another one differently', () => {
    const hash = (changes?: Partial<PlatformInput>) => readPlatform(input(changes)).platform!.hash;
    expect(hash()).toBe(hash());
    expect(hash({ overrides: { API_INSTANCES: '5' } })).not.toBe(hash());
  });

  it('says everything that is wrong with file and environment at once', () => {
    const file = committed.replace('port: 3001', 'port: 3001\n    prot: 1').replace('drain: 10s', 'drain: soon');
    expect(readPlatform(input({ file, overrides: { API_INSTANCES: 'many' } })).problems).toEqual([
      'API_INSTANCES must be a whole number, but is "many"',
      expect.stringMatching(/^spec\.upload\.prot is not known; here can stand port, replicas, /),
      'spec.shutdown.drain (SHUTDOWN_DRAIN_MS) must be a duration such as 500ms, 10s or 1h30m, but is "soon"',
    ]);
  });
});

describe('readDocument', () => {
  it('refuses what is no BundlerConfig, and says what it should be', () => {
    const { violations } = readDocument('kind: Deployment\nmetadata: {name: "No Good"}\nreplicas: 2\n');
    expect(violations.map(({ setting, message }) => `${setting} ${message}`)).toEqual([
      'apiVersion must be bundler.permaweb.dev/v1alpha1, but is undefined',
      'kind must be BundlerConfig, but is "Deployment"',
      'replicas is not known; settings stand below spec',
      'metadata.name must be 1 to 30 lower-case letters, digits and dashes',
    ]);
  });

  it('names the line of a syntax error', () => {
    const { violations } = readDocument('spec:\n  upload: {port: 1\n  x: [\n');
    expect(violations[0]!.setting).toMatch(/^line \d$/);
  });

  it.each(['', '[]', 'null', '- a'])('survives %j', (text) => {
    expect(readDocument(text).violations.length).toBeGreaterThan(0);
  });
});

describe('settingsIn', () => {
  it('takes the settings of the platform and nothing else, and no empty ones', () => {
    expect(settingsIn({ PATH: '/bin', LOG_LEVEL: 'debug', DB_POOL_MAX: '', DB_WRITER_URL: 'postgres://' })).toEqual({
      LOG_LEVEL: 'debug',
      DB_WRITER_URL: 'postgres://',
    });
  });
});

describe('readOptions', () => {
  it('has defaults, and takes relative paths from the project', () => {
    expect(readOptions({ BUNDLER_DATA_DIR: 'elsewhere' }, '/project')).toMatchObject({
      dataDir: '/project/elsewhere',
      specFile: '/project/standalone.yaml',
      ports: { gateway: 1984, postgres: 15_432, redisQueue: 16_379, redisCache: 16_380 },
    });
  });

  it.each(['x', '0', '65536', '1.5', '-1'])('refuses port %s and names the variable', (POSTGRES_PORT) => {
    expect(() => readOptions({ POSTGRES_PORT }, '/project')).toThrow(
      `POSTGRES_PORT=${POSTGRES_PORT}: give a whole number from 1 to 65535`,
    );
  });
});

describe('watchFiles', () => {
  it('notices a new file, a file renamed over the watched one, and a change of that one', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'watch-'));
    const file = join(directory, 'config.yaml');
    const told: (() => void)[] = [];
    let count = 0;
    const stop = watchFiles([file], systemClock, () => {
      count += 1;
      told.shift()?.();
    });
    const change = (act: () => Promise<void>) => {
      const seen = new Promise<void>((resolve) => told.push(resolve));
      return Promise.all([seen, act()]);
    };
    await change(() => writeFile(file, 'one'));
    await change(async () => {
      await writeFile(`${file}.new`, 'two');
      await rename(`${file}.new`, file);
    });
    await change(() => writeFile(file, 'three'));
    stop();
    await rm(directory, { recursive: true });
    expect(count).toBe(3);
  });
});
