import { admin } from './admin.ts';
import { arweave } from './arweave.ts';
import { cors } from './cors.ts';
import { database } from './database.ts';
import type { Role, Setting } from './define.ts';
import { multipart } from './multipart.ts';
import { nested } from './nested.ts';
import { objectStore } from './object-store.ts';
import { optical } from './optical.ts';
import { payment } from './payment.ts';
import { paymentCards } from './payment-cards.ts';
import { paymentNetworks } from './payment-networks.ts';
import { pipeline } from './pipeline.ts';
import { processSettings } from './process.ts';
import { progress } from './progress.ts';
import { rateLimit } from './rate-limit.ts';
import { redis } from './redis.ts';
import { tracing } from './tracing.ts';
import { upload } from './upload.ts';
import { workers } from './workers.ts';
import { x402 } from './x402.ts';

export type { Role, Setting } from './define.ts';
export { cachesObjects, leastWorkerPool, redisCacheAddress, redisQueueAddress, workerPoolSize } from './derived.ts';
export { InvalidValue, type Kind } from './kinds.ts';
export { operatorSettings } from './operator.ts';
export { routeCosts } from './rate-limit.ts';
export { type Rule, rules, type Violation } from './rules.ts';
export { formatBytes, formatDuration, parseBytes, parseDuration } from './units.ts';
export { type X402NetworkName, x402NetworkNames } from './x402.ts';

/** The groups, in the order in which they are printed. */
export const settingGroups = {
  'Upload API': upload,
  'Multipart uploads': multipart,
  Browsers: cors,
  Progress: progress,
  'Rate limits': rateLimit,
  'Payment service': payment,
  'Payment networks': paymentNetworks,
  'Cards and gifts': paymentCards,
  'Payment by x402': x402,
  Database: database,
  'Redis and cache': redis,
  'Object store': objectStore,
  Arweave: arweave,
  Pipeline: pipeline,
  'Nested bundles': nested,
  'Optical posts': optical,
  Workers: workers,
  Tracing: tracing,
  'Admin service': admin,
  Process: processSettings,
} as const;

/** Every setting of the platform. */
export const settings = {
  ...upload,
  ...multipart,
  ...cors,
  ...progress,
  ...rateLimit,
  ...payment,
  ...paymentNetworks,
  ...paymentCards,
  ...x402,
  ...database,
  ...redis,
  ...objectStore,
  ...arweave,
  ...pipeline,
  ...nested,
  ...optical,
  ...workers,
  ...tracing,
  ...admin,
  ...processSettings,
};

export type Settings = typeof settings;
export type SettingName = keyof Settings;
/** Every setting's value, checked: what processes compute with. */
export type Config = { readonly [Name in SettingName]: Settings[Name] extends Setting<infer Value> ? Value : never };

/** The settings that have a place in `BundlerConfig.spec`. */
export type SpecSettingName = {
  [Name in SettingName]: Settings[Name]['path'] extends string ? Name : never;
}[SettingName];

/** The settings that the given role reads. */
export function settingsOf(role: Role): [SettingName, Setting][] {
  return (Object.entries(settings) as [SettingName, Setting][]).filter(([, setting]) => setting.roles.includes(role));
}
