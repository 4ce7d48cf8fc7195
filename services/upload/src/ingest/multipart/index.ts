import { randomUUID } from 'node:crypto';
import type { MultipartUploads, ObjectStore } from '@bundler/adapters';
import {
  ApiError,
  type MultipartCreated,
  type MultipartParts,
  type MultipartStatus,
  type Receipt,
} from '@bundler/contract';
import {
  type FinalizeOptions,
  finalizeAndWait,
  multipartStatus,
  requestFinalization,
  type WantedFinalization,
} from './finalize.ts';
import { type ChunkLimits, chunkSizeFor } from './part-rules.ts';
import { type IncomingPart, type ReceivePartOptions, receivePart } from './receive-part.ts';

export type { WantedFinalization } from './finalize.ts';
export { Turns } from './turns.ts';

export interface MultipartOptions extends ChunkLimits, ReceivePartOptions, FinalizeOptions {
  readonly uploads: MultipartUploads;
  readonly store: ObjectStore;
  readonly ttlMs: number;
  readonly maxOpenUploads: number;
}

/** What can be done with uploads that come in parts. Whoever knows an upload's id may do it. */
export interface Multipart {
  /** The sizes a chunk may have now. */
  readonly limits: () => ChunkLimits;
  /** Opens an upload; undefined when it may not have that chunk size. */
  create(chunkSize: string | undefined): Promise<MultipartCreated | undefined>;
  /** Whether there is such an upload, in whatever state it is. */
  isKnown(uploadId: string): Promise<boolean>;
  /** What has arrived: what need not be sent again. */
  parts(uploadId: string): Promise<MultipartParts>;
  receivePart(part: IncomingPart): Promise<{ replaced: boolean }>;
  requestFinalization(wanted: WantedFinalization): Promise<Receipt | undefined>;
  finalizeAndWait(wanted: WantedFinalization, gone: () => boolean): Promise<Receipt>;
  status(uploadId: string): Promise<MultipartStatus>;
  /** Gives an upload up; the clean-up frees what it holds. */
  abort(uploadId: string): Promise<void>;
}

/** Uploads in parts. The options are read when they are needed: they may change while the process runs. */
export function multipartUse(options: MultipartOptions): Multipart {
  const { uploads } = options;
  const limits = (): ChunkLimits => ({ minChunkSize: options.minChunkSize, maxChunkSize: options.maxChunkSize });
  return {
    limits,
    create: async (asked) => {
      const chunkSize = chunkSizeFor(asked, options);
      if (chunkSize === undefined) return undefined;
      const id = randomUUID();
      const opened = await uploads.create({ id, chunkSize, ttlMs: options.ttlMs, maxOpen: options.maxOpenUploads });
      if (!opened) throw new ApiError('too_many_uploads', { retryAfter: 60 });
      return { id, min: options.minChunkSize, max: options.maxChunkSize, chunkSize };
    },
    isKnown: async (uploadId) => (await uploads.find(uploadId)) !== undefined,
    parts: async (uploadId) => {
      const upload = await uploads.find(uploadId);
      if (!upload) throw new ApiError('not_found');
      const parts = await uploads.parts(uploadId);
      return {
        id: uploadId,
        min: options.minChunkSize,
        max: options.maxChunkSize,
        chunkSize: upload.chunkSize,
        size: parts.reduce((sum, { byteCount }) => sum + byteCount, 0),
        chunks: parts.map(({ offset, byteCount }) => [offset, byteCount] as [number, number]),
        ...(upload.failedReason ? { failedReason: upload.failedReason } : {}),
      };
    },
    receivePart: (part) => receivePart(part, options),
    requestFinalization: (wanted) => requestFinalization(wanted, options),
    finalizeAndWait: (wanted, gone) => finalizeAndWait(wanted, options, gone),
    status: (uploadId) => multipartStatus(uploadId, options),
    abort: async (uploadId) => {
      if (!(await uploads.find(uploadId))) throw new ApiError('not_found');
      if (!(await uploads.abort(uploadId))) throw new ApiError('upload_closed');
    },
  };
}
