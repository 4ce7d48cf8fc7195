import type { MultipartUpload } from '@bundler/adapters';
import { ApiError } from '@bundler/contract';

/** Parts of one upload. At the smallest chunk size that is more than the largest item has. */
const MAX_PARTS = 10_000;
/** Of clients that do not say what they want. */
const DEFAULT_CHUNK_BYTES = 25_000_000;

export interface ChunkLimits {
  readonly minChunkSize: number;
  readonly maxChunkSize: number;
}

/** The chunk size that a client asked for, or the usual one; undefined when it is not a number within the limits. */
export function chunkSizeFor(
  asked: string | undefined,
  { minChunkSize, maxChunkSize }: ChunkLimits,
): number | undefined {
  if (asked === undefined) return Math.min(Math.max(DEFAULT_CHUNK_BYTES, minChunkSize), maxChunkSize);
  if (!/^\d{1,15}$/.test(asked)) return undefined;
  const size = Number(asked);
  return size >= minChunkSize && size <= maxChunkSize ? size : undefined;
}

/**
 * What is wrong with a part, judged by where it belongs and how long it says it is, before a byte of it is read. The
 * last part may be of any length, and no part says that it is the last.
 */
export function partFault(
  part: { readonly offset: number; readonly byteCount: number | undefined },
  upload: Pick<MultipartUpload, 'state' | 'chunkSize' | 'failedReason'>,
  limits: { readonly maxChunkSize: number; readonly maxItemSize: number },
): ApiError | undefined {
  const { byteCount, offset } = part;
  if (upload.state !== 'assembling') {
    const detail = upload.failedReason ? `It failed: ${upload.failedReason}.` : 'Its finalization was asked for.';
    return new ApiError('upload_closed', { detail });
  }
  if (byteCount === undefined || !Number.isSafeInteger(byteCount) || byteCount < 1) {
    return new ApiError('invalid_part', { detail: 'Content-Length must say how long it is, and that is not 0.' });
  }
  if (byteCount > limits.maxChunkSize) {
    return new ApiError('invalid_part', { detail: `It may have ${limits.maxChunkSize} bytes, not ${byteCount}.` });
  }
  const chunkSize = Math.max(upload.chunkSize, byteCount);
  if (offset % chunkSize !== 0) return misaligned(chunkSize);
  if (offset + byteCount > limits.maxItemSize) {
    return new ApiError('data_item_too_large', { detail: `The limit is ${limits.maxItemSize} bytes.` });
  }
  if (offset / chunkSize >= MAX_PARTS) {
    return new ApiError('invalid_part', { detail: `An upload has at most ${MAX_PARTS} parts.` });
  }
  return undefined;
}

/** The error of a part that does not lie where one may begin. */
export function misaligned(chunkSize: number): ApiError {
  return new ApiError('invalid_part', { detail: `Its offset must be a multiple of ${chunkSize}.` });
}
