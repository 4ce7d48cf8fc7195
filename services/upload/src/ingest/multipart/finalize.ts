import type { DataItems, JobProducer, MultipartUpload, MultipartUploads } from '@bundler/adapters';
import {
  ApiError,
  assembledSize,
  type MultipartStatus,
  type MultipartStatusName,
  type Receipt,
} from '@bundler/contract';
import type { FreeQuota } from '../../admission/free-quota.ts';
import type { ReceiptSigner } from '../receipt-signer.ts';
import { notPaidFor } from '../receive-item.ts';

/** Who wants which upload finalized. */
export interface WantedFinalization {
  readonly uploadId: string;
  /** What its sender pays with. */
  readonly token: string;
  /** Whose free bytes it uses up; undefined when they are not counted. */
  readonly client: string | undefined;
  /** Addresses whose approvals pay before the signer does, in this order. */
  readonly paidBy: readonly string[];
}

export interface FinalizeOptions {
  readonly uploads: Pick<MultipartUploads, 'find' | 'parts' | 'requestFinalization'>;
  readonly items: Pick<DataItems, 'findKnown'>;
  readonly jobs: Pick<JobProducer, 'add'>;
  readonly signer: Pick<ReceiptSigner, 'sign'>;
  readonly quota: Pick<FreeQuota, 'exceeds'>;
  /** How long to wait for a receipt that somebody waits for, milliseconds. */
  readonly finalizeWaitMs: number;
  readonly sleep: (ms: number) => Promise<void>;
  /** Milliseconds, monotonic. */
  readonly clock: () => number;
}

/** Between two looks at an upload whose receipt somebody waits for, milliseconds: small items first, then patience. */
const FIRST_LOOK_MS = 25;
const MAX_LOOK_MS = 1000;

const statusNames = {
  assembling: 'ASSEMBLING',
  validating: 'VALIDATING',
  finalizing: 'FINALIZING',
  finalized: 'FINALIZED',
} as const satisfies Partial<Record<MultipartUpload['state'], MultipartStatusName>>;

/** Where an upload is in its life, with its receipt once there is one. @throws ApiError `not_found` or `blocked_owner` */
export async function multipartStatus(uploadId: string, options: FinalizeOptions): Promise<MultipartStatus> {
  const upload = await find(uploadId, options);
  const refused = refuseBlocked(upload);
  if (refused) return { status: refused, timestamp: upload.movedAt };
  const status = { status: statusNames[upload.state as keyof typeof statusNames], timestamp: upload.movedAt };
  return upload.state === 'finalized' ? { ...status, receipt: await receiptOf(upload, options) } : status;
}

/**
 * Has an upload finalized by a worker. What is to be done stands in the upload's row by the time this resolves; the
 * job only wakes somebody for it. Asked again, it tells how far that is.
 *
 * @returns the receipt when there is one already
 * @throws ApiError when parts are missing, or with why the data item was not accepted
 */
export async function requestFinalization(
  wanted: WantedFinalization,
  options: FinalizeOptions,
): Promise<Receipt | undefined> {
  const { client, paidBy, token, uploadId } = wanted;
  const upload = await find(uploadId, options);
  if (upload.state === 'assembling') {
    const byteCount = completeSize(await options.uploads.parts(uploadId));
    // The worker that finalizes it has not met the client.
    const overFreeQuota = client !== undefined && (await options.quota.exceeds(client, byteCount));
    if (await options.uploads.requestFinalization(uploadId, token, { overFreeQuota, paidBy })) {
      await options.jobs.add('finalizeUpload', { uploadId });
      return undefined;
    }
    // Somebody else was first, or it expired just now.
    return requestFinalization(wanted, options);
  }
  return outcomeOf(upload, options);
}

/**
 * Has an upload finalized and waits for its receipt.
 *
 * @throws ApiError like `requestFinalization`, and `still_finalizing` when it takes too long; the work goes on then
 */
export async function finalizeAndWait(
  wanted: WantedFinalization,
  options: FinalizeOptions,
  gone: () => boolean,
): Promise<Receipt> {
  let receipt = await requestFinalization(wanted, options);
  const deadline = options.clock() + options.finalizeWaitMs;
  for (let pause = FIRST_LOOK_MS; receipt === undefined; pause = Math.min(2 * pause, MAX_LOOK_MS)) {
    if (gone() || options.clock() + pause > deadline) throw new ApiError('still_finalizing', { retryAfter: 2 });
    await options.sleep(pause);
    receipt = await outcomeOf(await find(wanted.uploadId, options), options);
  }
  return receipt;
}

async function find(uploadId: string, { uploads }: FinalizeOptions): Promise<MultipartUpload> {
  const upload = await uploads.find(uploadId);
  if (!upload) throw new ApiError('not_found');
  return upload;
}

/**
 * Clients know no status for a blocked signer, and send everything again, several times, after the ones that they know: an
 * answer of 403 ends their upload.
 *
 * @returns why else it failed, if it did
 */
function refuseBlocked({ failedReason }: MultipartUpload): Exclude<MultipartUpload['failedReason'], 'BLOCKED'> {
  if (failedReason === 'BLOCKED') throw new ApiError('blocked_owner');
  return failedReason;
}

async function outcomeOf(upload: MultipartUpload, options: FinalizeOptions): Promise<Receipt | undefined> {
  const failure = refuseBlocked(upload);
  if (failure === 'UNDERFUNDED') throw notPaidFor(upload.overFreeQuota);
  if (failure === 'INVALID') throw new ApiError('invalid_data_item');
  if (failure === 'APPROVAL_FAILED') throw new ApiError('approval_refused', { detail: 'see its tags and its balance' });
  if (failure === 'REVOKE_FAILED') throw new ApiError('revocation_refused');
  return upload.state === 'finalized' ? receiptOf(upload, options) : undefined;
}

/** The receipt is signed again from its facts, and is the very same each time. */
async function receiptOf({ itemId, shared }: MultipartUpload, { items, signer }: FinalizeOptions): Promise<Receipt> {
  const facts = (await items.findKnown([itemId!])).get(itemId!.toString('base64url'));
  if (!facts) throw new Error('a finalized upload names an item that has no row');
  return { ...(await signer.sign(facts)), ...shared };
}

/** Bytes of all parts. @throws ApiError `parts_missing` */
function completeSize(parts: Parameters<typeof assembledSize>[0]): number {
  const size = assembledSize(parts);
  if ('expectedAt' in size) {
    throw new ApiError('parts_missing', {
      detail: `After byte ${size.expectedAt} the next part begins at ${size.foundAt}.`,
    });
  }
  if (size.byteCount === 0) throw new ApiError('parts_missing', { detail: 'There is none.' });
  return size.byteCount;
}
