import { decodeBase64Url } from '../base64url.ts';
import type { ChunkBody } from './chunk-body.ts';
import { MAX_CHUNK_BYTES } from './prove-chunk.ts';

/** The names a node gives to what is wrong with a posted chunk; clients retry or stop by them. */
export const CHUNK_ERRORS = [
  'invalid_json',
  'chunk_too_big',
  'data_path_too_big',
  'offset_too_big',
  'data_size_too_big',
  'chunk_proof_ratio_not_attractive',
  'data_root_not_found',
  'exceeds_disk_pool_size_limit',
  'invalid_proof',
] as const;

/** One of `CHUNK_ERRORS`. */
export type ChunkError = (typeof CHUNK_ERRORS)[number];

/** A posted chunk, decoded. */
export interface ChunkPost {
  readonly dataRoot: string;
  /** The transaction's whole data, bytes. */
  readonly dataSize: bigint;
  /** Any offset inside the chunk. */
  readonly offset: bigint;
  readonly path: Buffer;
  readonly bytes: Buffer;
}

const MAX_PATH_BYTES = 256 * 1024;
const MAX_NOTE = 2n ** 256n - 1n;
const NOTE_BYTES = 32;
const DECIMAL = /^[0-9]{1,80}$/;

/**
 * Reads the body of `POST /chunk` and checks its bounds in the order a node does. A chunk smaller than its own proof
 * is not worth keeping, unless it ends the data.
 */
export function parseChunkPost(body: ChunkBody): ChunkPost | ChunkError {
  const { data_root, data_size, data_path, offset, chunk } = (body.fields ?? {}) as Record<string, unknown>;
  if (typeof data_root !== 'string' || typeof data_path !== 'string' || typeof chunk !== 'string')
    return 'invalid_json';
  if (typeof data_size !== 'string' || !DECIMAL.test(data_size)) return 'invalid_json';
  if (typeof offset !== 'string' || !DECIMAL.test(offset)) return 'invalid_json';
  const bytes = body.bytes ?? decodeBase64Url(chunk);
  const path = decodeBase64Url(data_path);
  if (!bytes || !path || !decodeBase64Url(data_root)) return 'invalid_json';
  if (bytes.length > MAX_CHUNK_BYTES) return 'chunk_too_big';
  if (path.length > MAX_PATH_BYTES) return 'data_path_too_big';
  const post: ChunkPost = { dataRoot: data_root, dataSize: BigInt(data_size), offset: BigInt(offset), path, bytes };
  if (post.offset > MAX_NOTE) return 'offset_too_big';
  if (post.dataSize > MAX_NOTE) return 'data_size_too_big';
  return isWorthItsProof(post) ? post : 'chunk_proof_ratio_not_attractive';
}

function isWorthItsProof({ path, bytes, dataSize }: ChunkPost): boolean {
  if (path.length < NOTE_BYTES) return false;
  const note = BigInt(`0x${path.toString('hex', path.length - NOTE_BYTES)}`);
  return note === dataSize || path.length <= bytes.length;
}
