import { randomUUID } from 'node:crypto';
import type { MultipartUploads, ObjectStore } from '@bundler/adapters';
import { ApiError, partKey } from '@bundler/contract';
import { coalesce } from '../coalesce.ts';
import { storing } from '../storing.ts';
import { misaligned, partFault } from './part-rules.ts';
import type { Turns } from './turns.ts';

/** A part as it arrives. */
export interface IncomingPart {
  readonly uploadId: string;
  /** First byte of the part in the data item. */
  readonly offset: number;
  readonly declaredByteCount: number | undefined;
  readonly body: AsyncIterable<Buffer>;
}

export interface ReceivePartOptions {
  readonly uploads: Pick<MultipartUploads, 'find' | 'putPart'>;
  readonly store: Pick<ObjectStore, 'createWriter' | 'delete'>;
  readonly turns: Turns;
  readonly maxChunkSize: number;
  readonly maxItemSize: number;
}

/**
 * Makes one part durable: its bytes as an object of its own, then its row. Sent again, it takes the place of the
 * earlier one. Nothing is verified yet: parts come in any order, and a hash has to be computed in theirs.
 *
 * @returns whether an earlier one was replaced
 * @throws ApiError; nothing is kept then
 */
export async function receivePart(part: IncomingPart, options: ReceivePartOptions): Promise<{ replaced: boolean }> {
  const upload = await options.uploads.find(part.uploadId);
  if (!upload) throw new ApiError('not_found');
  const fault = partFault({ offset: part.offset, byteCount: part.declaredByteCount }, upload, options);
  if (fault) throw fault;
  return options.turns.run(async () => {
    const partId = randomUUID();
    await store(part, partKey(partId), options);
    return record(part, partId, options);
  });
}

async function store(part: IncomingPart, objectKey: string, options: ReceivePartOptions): Promise<void> {
  const writer = await storing(() => options.store.createWriter(objectKey));
  try {
    let byteCount = 0;
    for await (const piece of coalesce(part.body)) {
      byteCount += piece.length;
      await storing(() => writer.write(piece));
    }
    if (byteCount !== part.declaredByteCount) throw new ApiError('incomplete_body');
    await storing(() => writer.commit());
  } catch (error) {
    await writer.abort().catch(() => undefined);
    throw error;
  }
}

async function record(
  { uploadId, offset, declaredByteCount }: IncomingPart,
  partId: string,
  options: ReceivePartOptions,
): Promise<{ replaced: boolean }> {
  const objectKey = partKey(partId);
  // When this fails the row may be there all the same, so the object stays: the clean-up knows which it is.
  const put = await options.uploads.putPart(uploadId, { id: partId, offset, byteCount: declaredByteCount!, objectKey });
  const useless = put.state === 'stored' ? put.replaced : objectKey;
  // What cannot be deleted now is found by the clean-up.
  if (useless !== undefined) await options.store.delete(useless).catch(() => undefined);
  if (put.state === 'closed') throw new ApiError('upload_closed');
  if (put.state === 'misaligned') throw misaligned(put.chunkSize);
  return { replaced: put.replaced !== undefined };
}
