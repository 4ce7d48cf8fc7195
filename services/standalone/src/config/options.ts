import { isAbsolute, join, resolve } from 'node:path';

export type Environment = Readonly<Record<string, string | undefined>>;

/** What the standalone platform itself is told; everything else is a setting of the platform. */
export interface Options {
  /** The project's directory: scripts, `.env` and the default configuration are found from here. */
  readonly root: string;
  readonly dataDir: string;
  readonly specFile: string;
  readonly ports: { readonly [Name in keyof typeof portVariables]: number };
  /** How often the development gateway mines a block, milliseconds. */
  readonly blockIntervalMs: number;
}

/** The ports of the backing services, and the variables that change them. */
export const portVariables = {
  gateway: { variable: 'GATEWAY_PORT', standard: 1984 },
  postgres: { variable: 'POSTGRES_PORT', standard: 15_432 },
  redisQueue: { variable: 'REDIS_QUEUE_PORT', standard: 16_379 },
  redisCache: { variable: 'REDIS_CACHE_PORT', standard: 16_380 },
} as const;

export const otherVariables = ['BUNDLER_DATA_DIR', 'BUNDLER_CONFIG', 'GATEWAY_BLOCK_INTERVAL_MS'] as const;

/**
 * Reads what the standalone platform is told by its environment.
 *
 * @param root the project's directory; relative paths are meant from there
 * @throws Error that names the variable and what it should be
 */
export function readOptions(env: Environment, root: string): Options {
  const path = (value: string) => (isAbsolute(value) ? value : resolve(root, value));
  const ports = Object.entries(portVariables).map(([name, { variable, standard }]) => [
    name,
    wholeNumber(env, variable, standard, { min: 1, max: 65_535 }),
  ]);
  return {
    root,
    dataDir: path(env.BUNDLER_DATA_DIR || '.data'),
    specFile: path(env.BUNDLER_CONFIG || 'standalone.yaml'),
    ports: Object.fromEntries(ports) as Options['ports'],
    blockIntervalMs: wholeNumber(env, 'GATEWAY_BLOCK_INTERVAL_MS', 1000, { min: 50, max: 3_600_000 }),
  };
}

/** Where things are in the data directory. */
export function dataPaths(dataDir: string) {
  const at = (...names: string[]) => join(dataDir, ...names);
  return {
    run: at('run'),
    logs: at('logs'),
    state: at('run', 'state.json'),
    overrides: at('run', 'overrides.json'),
    live: at('run', 'live'),
    supervisorLog: at('logs', 'supervisor.log'),
    postgres: at('postgres'),
    redisQueue: at('redis-queue'),
    redisCache: at('redis-cache'),
    gateway: at('gateway'),
    objects: at('objects'),
    wallet: at('wallet.json'),
    privateRouteSecret: at('private-route-secret'),
    adminKeys: at('admin-keys'),
    adminKey: at('admin-key'),
    demoWallet: at('demo-wallet.json'),
  };
}

function wholeNumber(env: Environment, name: string, standard: number, range: { min: number; max: number }): number {
  const text = env[name] || String(standard);
  const value = Number(text);
  if (/^\d{1,9}$/.test(text) && value >= range.min && value <= range.max) return value;
  throw new Error(`${name}=${text}: give a whole number from ${range.min} to ${range.max}`);
}
