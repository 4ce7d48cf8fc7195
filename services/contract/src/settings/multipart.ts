import { setting } from './define.ts';
import { bytes, duration, integer } from './kinds.ts';

const KiB = 1024;
const MiB = 1024 * KiB;
const hour = 3_600_000;
const roles = ['upload'] as const;

/** Uploads that come in parts. */
export const multipart = {
  multipartMinChunkSize: setting({
    env: 'MULTIPART_MIN_CHUNK_SIZE',
    path: 'upload.multipart.minChunkSize',
    kind: bytes({ min: KiB, max: 500 * MiB }),
    default: 5 * MiB,
    doc: 'Smallest chunk size that a multipart upload may choose. Each part costs an object, a row and a sync.',
    roles,
    applies: 'live',
  }),
  multipartMaxChunkSize: setting({
    env: 'MULTIPART_MAX_CHUNK_SIZE',
    path: 'upload.multipart.maxChunkSize',
    kind: bytes({ min: KiB, max: 500 * MiB }),
    default: 500 * MiB,
    doc: 'Largest part of a multipart upload.',
    roles,
    applies: 'live',
  }),
  multipartTtl: setting({
    env: 'MULTIPART_UPLOAD_TTL_MS',
    path: 'upload.multipart.ttl',
    kind: duration('ms', { min: 1000, max: 30 * 24 * hour }),
    default: 24 * hour,
    doc: 'A multipart upload that is not finalized this long after it was begun expires: the clean-up deletes its parts. The outcome of one that is can be read for as long.',
    roles: ['upload', 'workers'],
    applies: 'live',
  }),
  multipartMaxOpenUploads: setting({
    env: 'MULTIPART_MAX_OPEN_UPLOADS',
    path: 'upload.multipart.maxOpenUploads',
    kind: integer({ min: 0, max: 1_000_000 }),
    default: 1000,
    doc: 'Multipart uploads that may be open at the same time on the whole platform; further ones are refused with 503. Each may hold as many bytes as MAX_DATA_ITEM_SIZE before anybody has paid for them. 0 turns multipart uploads off.',
    roles,
    applies: 'live',
  }),
  multipartConcurrentParts: setting({
    env: 'MULTIPART_CONCURRENT_PARTS',
    path: 'upload.multipart.concurrentParts',
    kind: integer({ min: 1, max: 1000 }),
    default: 32,
    doc: 'Parts that one process of the upload API receives at the same time; further ones wait unread, and are answered with 503 after 30 s. Each needs about 2 MiB of memory with the fs driver and up to twice S3_PART_SIZE with s3.',
    roles,
    applies: 'live',
  }),
  multipartFinalizeWait: setting({
    env: 'MULTIPART_FINALIZE_WAIT_MS',
    path: 'upload.multipart.finalizeWait',
    kind: duration('ms', { min: 0, max: hour }),
    default: 50_000,
    doc: 'How long a synchronous finalization waits for its receipt before it is answered with 503 and Retry-After; the work goes on. Keep it below the idle time of the load balancer in front.',
    roles,
    applies: 'live',
  }),
};
