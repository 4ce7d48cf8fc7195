import {
  type AcceptedItem,
  isSharingRefused,
  type MultipartFailure,
  type MultipartUpload,
  ObjectDamaged,
  shareCredits,
} from '@bundler/adapters';
import {
  carriesBundle,
  contentType,
  type DataItemHeader,
  normalizedAddress,
  type VerifiedDataItem,
} from '@bundler/ans104';
import {
  type ErrorCode,
  heightAt,
  outcomeOfError,
  signatureTypeNames,
  sizeCategory,
  type UploadOutcome,
} from '@bundler/contract';
import { freeParts } from '../free-parts.ts';
import type { Stage, StageContext } from '../stage.ts';
import { examineParts, payerOfUpload } from './examine.ts';

/**
 * Makes an item of a multipart upload. It may run twice, also at the same time: the upload's state decides whose outcome
 * counts, and the reservation of a price is one for each item.
 */
export const finalizeUpload: Stage<'finalizeUpload'> =
  (context) =>
  async ({ uploadId }) => {
    const upload = await context.uploads.find(uploadId);
    if (upload?.state !== 'validating' && upload?.state !== 'finalizing') return;
    const parts = await context.uploads.parts(uploadId);
    const examined = await examineParts(parts, upload, context);
    if ('failure' in examined) await fail(upload, examined.failure, examined.cause, context);
    else if ('known' in examined) await finishKnown(upload, examined.known, context);
    else await accept(upload, examined.verified, context);
  };

async function accept(upload: MultipartUpload, verified: VerifiedDataItem, context: StageContext): Promise<void> {
  const { config, jobs, logger, metrics, payment, settlements, uploads } = context;
  await uploads.markValidated(upload.id);
  const { header, byteCount } = verified;
  const payer = payerOfUpload(header, upload);
  // Before the price is reserved: else it may be that of a first life, which goes back.
  const refund = await settlements.refundState(header.id);
  const reserved = await payment.reserve({ itemId: header.id, payer, byteCount });
  if (!reserved) {
    await fail(upload, 'UNDERFUNDED', undefined, context);
    return;
  }
  const { nativeAddress } = payer;
  const sharing = { itemId: header.id, signer: () => nativeAddress, tags: header.tags };
  const shared = await shareCredits(sharing, reserved.winc !== '0', context).catch(refusalOf);
  if (shared && 'failure' in shared) {
    await fail(upload, shared.failure, shared.cause, context);
    return;
  }
  const item = await itemOf(verified, reserved.winc, context);
  const { multipartTtl, opticalBridgeUrls } = config;
  const outcome = await uploads.accept(upload.id, item, multipartTtl, opticalBridgeUrls, refund, shared);
  if (outcome === undefined) return;
  metrics.multipartUploads.inc({ outcome });
  count(outcome === 'accepted' ? 'ok' : 'duplicate', header.signatureType, context);
  if (outcome === 'accepted') metrics.uploadBytes.inc({ size_category: sizeCategory(byteCount) }, byteCount);
  else await freeParts(upload.id, context);
  const paid = item.winc !== '0';
  if (outcome === 'accepted' && (item.carriesBundle || paid || config.opticalBridgeUrls.length > 0)) {
    await jobs.add('newDataItem', { segmentId: upload.id, bundles: item.carriesBundle, paid });
  }
  logger.info({ uploadId: upload.id, id: header.id.toString('base64url'), bytes: byteCount, outcome }, 'finalized');
}

/** Why credits are not shared, which is the end of the upload. @throws whatever else went wrong */
function refusalOf(error: unknown): { failure: MultipartFailure; cause: Error } {
  if (!isSharingRefused(error)) throw error;
  return { failure: error.code === 'approval_refused' ? 'APPROVAL_FAILED' : 'REVOKE_FAILED', cause: error };
}

/** The item's row to be. */
async function itemOf(
  { header, byteCount }: VerifiedDataItem,
  winc: string,
  context: StageContext,
): Promise<AcceptedItem> {
  const { config, now, tip, wallet } = context;
  const seen = await tip.read();
  if (!seen) throw new Error('no block height was ever seen, so that no receipt can promise one; trying again later');
  const receivedAt = now();
  return {
    id: header.id,
    ownerAddress: normalizedAddress(header.owner),
    receivedAt,
    deadlineHeight: heightAt(seen, receivedAt) + config.receiptDeadlineBlocks,
    winc,
    receiptKey: wallet.address,
    segmentOffset: 0,
    byteCount,
    payloadStart: header.length,
    contentType: contentType(header),
    signatureType: header.signatureType,
    featureType: 'default',
    carriesBundle: carriesBundle(header),
    ...traceOf(header, byteCount, context),
  };
}

/** Says in the upload's trace which item it became, and keeps the place for its bundle to go on from. */
function traceOf(
  { id, signatureType }: DataItemHeader,
  byteCount: number,
  { tracing }: StageContext,
): Pick<AcceptedItem, 'traceParent'> {
  tracing?.set({
    'ans104.id': id.toString('base64url'),
    'ans104.signature_type': signatureType,
    'upload.size_category': sizeCategory(byteCount),
  });
  const traceParent = tracing?.traceParent();
  return traceParent === undefined ? {} : { traceParent };
}

async function finishKnown(upload: MultipartUpload, itemId: Buffer, context: StageContext): Promise<void> {
  if (!(await context.uploads.finishKnown(upload.id, itemId, context.config.multipartTtl))) return;
  context.metrics.multipartUploads.inc({ outcome: 'duplicate' });
  count('duplicate', undefined, context);
  await freeParts(upload.id, context);
}

function count(
  outcome: UploadOutcome,
  signatureType: keyof typeof signatureTypeNames | undefined,
  { metrics }: StageContext,
): void {
  const sig_type = signatureType === undefined ? 'unknown' : signatureTypeNames[signatureType];
  metrics.uploadRequests.inc({ outcome, sig_type });
}

/** The error that the sender is answered with. */
const errorOf = {
  INVALID: 'invalid_data_item',
  UNDERFUNDED: 'insufficient_balance',
  BLOCKED: 'blocked_owner',
  APPROVAL_FAILED: 'approval_refused',
  REVOKE_FAILED: 'revocation_refused',
} as const satisfies Record<MultipartFailure, ErrorCode>;

async function fail(
  upload: MultipartUpload,
  failure: MultipartFailure,
  cause: Error | undefined,
  context: StageContext,
): Promise<void> {
  if (!(await context.uploads.fail(upload.id, failure, context.config.multipartTtl))) return;
  const outcome = failure.toLowerCase();
  context.metrics.multipartUploads.inc({ outcome });
  const code = failure === 'UNDERFUNDED' && upload.overFreeQuota ? 'free_quota_used' : errorOf[failure];
  context.metrics.uploadErrors.inc({ code });
  count(outcomeOfError(code), undefined, context);
  // Of the sender's making, unless bytes are gone that were durable.
  const level = cause instanceof ObjectDamaged ? 'error' : 'info';
  context.logger[level]({ uploadId: upload.id, failure, err: cause }, 'multipart upload not accepted');
  await freeParts(upload.id, context);
}
