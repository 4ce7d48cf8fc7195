import { setting } from './define.ts';
import { bytes, duration, integer } from './kinds.ts';

const roles = ['workers'] as const;
const day = 86_400_000;

export const pipeline = {
  maxBundleSize: setting({
    env: 'MAX_BUNDLE_DATA_ITEMS_BYTE_COUNT',
    path: 'pipeline.maxBundleSize',
    kind: bytes({ min: 1024, max: 10 * 1024 ** 3 }),
    default: 2 * 1024 ** 3,
    doc: 'Most bytes of data items in one bundle. A larger item travels in a bundle of its own.',
    roles,
  }),
  maxBundleItems: setting({
    env: 'MAX_DATA_ITEM_LIMIT',
    path: 'pipeline.maxBundleItems',
    kind: integer({ min: 1, max: 100_000 }),
    default: 10_000,
    doc: 'Most data items in one bundle.',
    roles,
  }),
  overdueThreshold: setting({
    env: 'OVERDUE_DATA_ITEM_THRESHOLD_MS',
    path: 'pipeline.overdueThreshold',
    kind: duration('ms', { min: 100, max: day }),
    default: 300_000,
    doc: 'An item that has waited this long is bundled even when the bundle is not full.',
    roles,
  }),
  planInterval: setting({
    env: 'PLAN_INTERVAL_MS',
    path: 'pipeline.planInterval',
    kind: duration('ms', { min: 100, max: day }),
    default: 5000,
    doc: 'How often waiting items are looked at.',
    roles,
  }),
  verifyInterval: setting({
    env: 'VERIFY_INTERVAL_MS',
    path: 'pipeline.verifyInterval',
    kind: duration('ms', { min: 100, max: day }),
    default: 60_000,
    doc: 'How often the confirmations of each posted bundle are read.',
    roles,
  }),
  redriveInterval: setting({
    env: 'REDRIVE_INTERVAL_MS',
    path: 'pipeline.redriveInterval',
    kind: duration('ms', { min: 100, max: day }),
    default: 30_000,
    doc: 'How often bundles that stand still are looked for and put back to work.',
    roles,
  }),
  redriveAfter: setting({
    env: 'REDRIVE_AFTER_MS',
    path: 'pipeline.redriveAfter',
    kind: duration('ms', { min: 100, max: day }),
    default: 60_000,
    doc: 'A bundle that has not moved for this long stands still. Keep it above the time a job waits between retries.',
    roles,
  }),
  cleanupInterval: setting({
    env: 'CLEANUP_INTERVAL_MS',
    path: 'pipeline.cleanupInterval',
    kind: duration('ms', { min: 100, max: 30 * day }),
    default: 3_600_000,
    doc: 'How often objects that nothing needs any more are deleted.',
    roles,
  }),
  cleanupAfter: setting({
    env: 'CLEANUP_AFTER_MS',
    path: 'pipeline.cleanupAfter',
    // An upload's row may come long after its object was begun: what is younger must never be taken for abandoned.
    kind: duration('ms', { min: 3_600_000, max: 365 * day }),
    default: day,
    doc: 'An object is kept this long after its last item became permanent, and as long when no row ever pointed at it. Keep it well above UPLOAD_MAX_DURATION_MS.',
    roles,
  }),
  maxFailedBundles: setting({
    env: 'MAX_FAILED_BUNDLES',
    path: 'pipeline.maxFailedBundles',
    kind: integer({ min: 0, max: 1000 }),
    default: 10,
    doc: 'An item whose bundles failed more often than this ends as failed: too_many_failures.',
    roles,
  }),
  seedChunkConcurrency: setting({
    env: 'SEED_CHUNK_CONCURRENCY',
    path: 'pipeline.seedChunkConcurrency',
    kind: integer({ min: 1, max: 128 }),
    default: 8,
    doc: 'Chunks of one bundle that are posted at the same time; each is 256 KiB, and half as much again as JSON.',
    roles,
  }),
};
