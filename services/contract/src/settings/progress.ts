import { setting } from './define.ts';
import { duration, integer } from './kinds.ts';

const roles = ['upload'] as const;

/** How uploads are followed. */
export const progress = {
  progressMaxStreams: setting({
    env: 'PROGRESS_MAX_STREAMS',
    path: 'upload.progress.maxStreams',
    kind: integer({ min: 0, max: 100_000 }),
    default: 1000,
    doc: 'Progress streams that one process keeps open; more are refused with 503 and Retry-After, and clients poll the status instead. Each costs a connection and about 40 KB of memory.',
    roles,
    applies: 'live',
  }),
  progressInterval: setting({
    env: 'PROGRESS_INTERVAL_MS',
    path: 'upload.progress.interval',
    kind: duration('ms', { min: 100, max: 60_000 }),
    default: 1000,
    doc: 'How often a process asks the database for all items that its progress streams follow, in one query.',
    roles,
    applies: 'live',
  }),
  progressHeartbeat: setting({
    env: 'PROGRESS_HEARTBEAT_MS',
    path: 'upload.progress.heartbeat',
    kind: duration('ms', { min: 500, max: 30_000 }),
    default: 15_000,
    doc: 'A progress stream on which nothing happens says so this often. Keep it below the idle time of every proxy in front; clients take a minute without one for a lost connection.',
    roles,
    applies: 'live',
  }),
  progressUnknownAfter: setting({
    env: 'PROGRESS_UNKNOWN_AFTER_MS',
    path: 'upload.progress.unknownAfter',
    kind: duration('ms', { min: 0, max: 3_600_000 }),
    default: 30_000,
    doc: 'How long a progress stream waits for an id that nobody knows: a client may follow an upload before it begins. Then it ends with the event `unknown`.',
    roles,
    applies: 'live',
  }),
};
