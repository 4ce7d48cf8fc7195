import { randomUUID } from 'node:crypto';
import {
  type CreditSharing,
  type DataItems,
  type ObjectStore,
  type ObjectWriter,
  type Payer,
  type Payment,
  type PaymentSettlement,
  type ReceiptFacts,
  type SharedCredits,
  shareCredits,
} from '@bundler/adapters';
import {
  carriesBundle,
  contentType,
  DataItemError,
  type DataItemHeader,
  DataItemVerifier,
  normalizedAddress,
  type OwnerList,
  payerOf,
  type VerifiedDataItem,
  verifyDataItem,
} from '@bundler/ans104';
import { ApiError, type Receipt, sizeCategory, type X402Settled } from '@bundler/contract';
import { inSpan, type Tracing } from '@bundler/runtime';
import type { FreeQuota } from '../admission/free-quota.ts';
import type { UploadReports } from '../progress/reports.ts';
import { coalesce } from './coalesce.ts';
import { type CommitGroups, type NewItem, type Outcome, segmentKey } from './commit-groups.ts';
import type { InFlight } from './in-flight.ts';
import type { MarkedUploads } from './marked-uploads.ts';
import type { QueuePatience } from './queue-patience.ts';
import type { ReceiptSigner } from './receipt-signer.ts';
import { storing } from './storing.ts';
import type { UploadRecord } from './upload-record.ts';

/** What an upload brings: its bytes, and how many there will be if the client said so. */
export interface Upload {
  readonly body: AsyncIterable<Buffer>;
  readonly declaredByteCount: number | undefined;
  /** What its sender pays with, as the path of the request says. */
  readonly token?: string | undefined;
  /** Whose free bytes it uses up; undefined when they are not counted. */
  readonly client?: string | undefined;
  /** Addresses whose approvals pay before the signer does, in this order. */
  readonly paidBy?: readonly string[] | undefined;
  /** Told how far it is. */
  readonly record: UploadRecord;
  /** Who pays, when that is not its signer from what they have. */
  readonly payment?: Payment;
}

export interface Received {
  readonly receipt: Receipt;
  readonly byteCount: number;
  readonly duplicate: boolean;
  /** What was paid for it by x402. */
  readonly x402?: X402Settled;
}

export interface ReceiveItemOptions {
  readonly store: ObjectStore;
  readonly items: Pick<DataItems, 'findKnown'>;
  readonly payment: Payment;
  readonly sharing: CreditSharing;
  /** Undefined where there is no payment service. */
  readonly settlement: Pick<PaymentSettlement, 'release'> | undefined;
  readonly quota: Pick<FreeQuota, 'exceeds' | 'wouldExceed'>;
  /** Signers whose items are not taken. */
  readonly blockedOwners: Pick<OwnerList, 'has'>;
  readonly groups: Pick<CommitGroups, 'add' | 'addStored'>;
  readonly inFlight: InFlight<Received>;
  /** Where those who follow a large upload learn how far it is. */
  readonly reports: Pick<UploadReports, 'begin'>;
  /** The same over all processes, for items that are too large to be held in memory. */
  readonly marked: Pick<MarkedUploads, 'run'>;
  readonly signer: Pick<ReceiptSigner, 'sign' | 'keyFingerprint' | 'expectedWaitOfNewcomerMs' | 'beforeSigning'>;
  /** An upload whose receipt would wait longer for its signature is refused before its body is read. */
  readonly patience: Pick<QueuePatience, 'limitMs'>;
  /** Chain height now; undefined while none was ever seen. */
  readonly height: () => number | undefined;
  readonly deadlineBlocks: number;
  readonly maxItemSize: number;
  /** Items up to this size are held in memory and share a segment. */
  readonly smallItemSize: number;
  /** Unix milliseconds. */
  readonly now: () => number;
  readonly tracing?: Tracing | undefined;
}

/**
 * Takes one data item from its first byte to its receipt.
 *
 * The order: limits, then (once the header is there) whether it is known and whether it could be paid for, then bytes,
 * signature, reservation, credits that its tags share, durability, answer. Nothing is reserved before the signature is known to be good: anyone
 * could lock a stranger's balance otherwise.
 *
 * @throws ApiError; nothing is kept then
 */
export async function receiveItem(upload: Upload, given: ReceiveItemOptions): Promise<Received> {
  const options = upload.payment ? { ...given, payment: upload.payment } : given;
  refuseAtTheDoor(upload.declaredByteCount ?? 0, options);
  const pieces = coalesce(upload.body);
  const gathered: Buffer[] = [];
  let byteCount = 0;
  for (let next = await pieces.next(); !next.done; next = await pieces.next()) {
    gathered.push(next.value);
    byteCount += next.value.length;
    if (byteCount > options.smallItemSize) return receiveLarge(gathered, pieces, upload, options);
  }
  refuseIncomplete(byteCount, upload);
  upload.record.ended('receive');
  return receiveSmall(gathered, upload, options);
}

/** One for all: making it, with where it comes from, is a fifteenth of what an event loop does at four times its rate. */
const overloaded = new ApiError('overloaded', { retryAfter: 1 });

/** Refuses what cannot be served, whatever the body will say. @throws ApiError */
export function refuseAtTheDoor(byteCount: number, options: ReceiveItemOptions): void {
  refuseTooLarge(byteCount, options);
  const waitMs = options.signer.expectedWaitOfNewcomerMs;
  if (waitMs > options.patience.limitMs(waitMs)) throw overloaded;
  if (options.height() === undefined) throw new ApiError('unavailable', { retryAfter: 5 });
}

async function receiveSmall(pieces: readonly Buffer[], upload: Upload, options: ReceiveItemOptions): Promise<Received> {
  const { signer, tracing } = options;
  const verified = await signer.beforeSigning(() =>
    parsing(() => inSpan(tracing, 'verify', {}, () => verifyPieces(pieces))),
  );
  const { header } = verified;
  upload.record.signedWith(header.signatureType);
  upload.record.ended('verify');
  return oneAtATime(header, options, async () => {
    const item = await price(verified, upload, options);
    const shared = await share(header, item, upload, options);
    return withShared(await acceptSmall(item, pieces, upload.record, options), shared);
  });
}

/** Makes an item durable together with its neighbours, and signs its receipt meanwhile. */
export async function acceptSmall(
  item: NewItem,
  pieces: readonly Buffer[],
  record: UploadRecord,
  options: ReceiveItemOptions,
): Promise<Received> {
  const [outcome, receipt] = await Promise.all([
    record.beside(
      'store',
      inSpan(options.tracing, 'commit', {}, () => options.groups.add(item, pieces)),
    ),
    record.beside('sign', sign(item, options)),
  ]);
  return answer(outcome, receipt, item.byteCount, options);
}

function sign(facts: ReceiptFacts, { signer, tracing }: ReceiveItemOptions): Promise<Receipt> {
  return inSpan(tracing, 'sign receipt', {}, () => signer.sign(facts));
}

/** Verifies an item in the pieces in which it came: joining them would copy every byte once more. */
function verifyPieces(pieces: readonly Buffer[]): Promise<VerifiedDataItem> {
  if (pieces.length === 1) return verifyDataItem(pieces[0]!);
  const verifier = new DataItemVerifier();
  for (const piece of pieces) verifier.write(piece);
  return verifier.finish();
}

/** Streams an item into an object of its own, hashing it on the way: memory stays flat whatever its size. */
async function receiveLarge(
  gathered: readonly Buffer[],
  rest: AsyncIterator<Buffer>,
  upload: Upload,
  options: ReceiveItemOptions,
): Promise<Received> {
  const verifier = new DataItemVerifier();
  for (const piece of gathered) await parsing(() => verifier.write(piece));
  const { header } = verifier;
  // The longest header is far shorter than the largest small item.
  if (!header) throw new ApiError('unparsable_data_item');
  upload.record.signedWith(header.signatureType);
  refuseBlocked(header, options);
  const id = header.id.toString('base64url');
  const received = await oneAtATime(header, options, () =>
    options.marked.run(id, rest, async (marked) => {
      const known = (await options.items.findKnown([header.id])).get(id);
      if (known && !known.failed) return answerKnown(known, verifier.byteCount, options);
      // Only now: what is known or on its way is paid for, and its payer may have nothing left.
      await refuseUnaffordable(header, upload.declaredByteCount ?? verifier.byteCount, upload, options);
      return store(gathered, marked, verifier, upload, options);
    }),
  );
  if (received.duplicate) await drain(rest);
  return received;
}

async function store(
  gathered: readonly Buffer[],
  rest: AsyncIterator<Buffer>,
  verifier: DataItemVerifier,
  upload: Upload,
  options: ReceiveItemOptions,
): Promise<Received> {
  const segmentId = randomUUID();
  const objectKey = segmentKey(segmentId);
  const writer = await storing(() => options.store.createWriter(objectKey));
  const report = options.reports.begin(verifier.header!.id, upload.declaredByteCount);
  // A body of unknown length is asked about again each time it has doubled.
  let affordable = upload.declaredByteCount ?? verifier.byteCount;
  try {
    await storing(() => writeAll(writer, gathered));
    for (let next = await rest.next(); !next.done; next = await rest.next()) {
      verifier.write(next.value);
      refuseTooLarge(verifier.byteCount, options);
      report.received(verifier.byteCount);
      if (verifier.byteCount > affordable) {
        affordable = 2 * verifier.byteCount;
        await refuseUnaffordable(verifier.header!, verifier.byteCount, upload, options);
      }
      await storing(() => writer.write(next.value as Buffer));
    }
    refuseIncomplete(verifier.byteCount, upload);
    upload.record.ended('receive');
    const verified = await parsing(() => verifier.finish());
    upload.record.ended('verify');
    const item = await price(verified, upload, options);
    const shared = await share(verified.header, item, upload, options);
    await storing(() => writer.commit());
    report.stored();
    const segment = { id: segmentId, objectKey, byteCount: item.byteCount };
    const signing = upload.record.beside('sign', sign(item, options));
    const committing = inSpan(options.tracing, 'commit', {}, () => options.groups.addStored(item, segment));
    const [outcome, receipt] = await Promise.all([committing, signing]);
    upload.record.ended('store');
    return withShared(await answer(outcome, receipt, item.byteCount, options), shared);
  } catch (error) {
    report.dropped();
    await writer.abort().catch(() => undefined);
    throw error;
  }
}

function share(
  { id, owner, signatureType, tags }: DataItemHeader,
  { charge }: NewItem,
  { token }: Upload,
  options: ReceiveItemOptions,
): Promise<SharedCredits | undefined> {
  const signer = (): string => payerOf({ owner, signatureType }, token).nativeAddress;
  return shareCredits({ itemId: id, signer, tags }, charge !== undefined, options);
}

const withShared = (received: Received, shared: SharedCredits | undefined): Received =>
  shared ? { ...received, receipt: { ...received.receipt, ...shared } } : received;

/** Lets one upload of an item proceed at a time in this process; the others share its outcome. */
export async function oneAtATime(
  header: DataItemHeader,
  options: ReceiveItemOptions,
  work: () => Promise<Received>,
): Promise<Received> {
  const { result, shared } = await options.inFlight.run(header.id.toString('base64url'), work);
  return shared ? { ...result, duplicate: true } : result;
}

/**
 * The item's row to be, once its signature has proven good and its price is reserved.
 *
 * @param payment who pays, when that is not its signer
 */
export async function price(
  verified: VerifiedDataItem,
  { client, paidBy, token, record }: Pick<Upload, 'client' | 'paidBy' | 'token' | 'record'>,
  options: ReceiveItemOptions,
  payment = options.payment,
): Promise<NewItem> {
  const { header, byteCount } = verified;
  options.tracing?.set({
    'ans104.id': header.id.toString('base64url'),
    'ans104.signature_type': header.signatureType,
    'upload.size_category': sizeCategory(byteCount),
  });
  if (!verified.valid) throw new ApiError('invalid_data_item');
  refuseBlocked(header, options);
  refuseTooLarge(byteCount, options);
  const overFreeQuota = client !== undefined && (await options.quota.exceeds(client, byteCount));
  const payer = payerOfUpload(header, { paidBy, token }, overFreeQuota);
  const charge = { itemId: header.id, payer, byteCount };
  const reserved = await payment.reserve(charge);
  if (!reserved) throw notPaidFor(overFreeQuota);
  record.ended('reserve');
  return {
    ...(reserved.winc !== '0' && { charge }),
    id: header.id,
    ownerAddress: normalizedAddress(header.owner),
    receivedAt: options.now(),
    deadlineHeight: options.height()! + options.deadlineBlocks,
    winc: reserved.winc,
    receiptKey: options.signer.keyFingerprint,
    byteCount,
    payloadStart: header.length,
    contentType: contentType(header),
    signatureType: header.signatureType,
    featureType: 'default',
    carriesBundle: carriesBundle(header),
    ...traceOf(options),
  };
}

/** By what the bundle that the item will travel in, days later perhaps, finds the trace of its upload. */
function traceOf({ tracing }: ReceiveItemOptions): Pick<NewItem, 'traceParent'> {
  const traceParent = tracing?.traceParent();
  return traceParent === undefined ? {} : { traceParent };
}

async function answer(
  outcome: Outcome,
  receipt: Receipt,
  byteCount: number,
  options: ReceiveItemOptions,
): Promise<Received> {
  if (outcome.state === 'refused') throw outcome.error;
  if (outcome.state === 'duplicate') return answerKnown(outcome.known, byteCount, options);
  return { receipt, byteCount, duplicate: false };
}

/** The receipt of an item that was accepted before. */
export async function answerKnown(
  facts: ReceiptFacts,
  byteCount: number,
  options: ReceiveItemOptions,
): Promise<Received> {
  return { receipt: await sign(facts, options), byteCount, duplicate: true };
}

/** Reads the rest of a body that nobody needs: a client that is still sending might not see the answer. */
async function drain(rest: AsyncIterator<Buffer>): Promise<void> {
  while (!(await rest.next()).done);
}

async function writeAll(writer: ObjectWriter, pieces: readonly Buffer[]): Promise<void> {
  for (const piece of pieces) await writer.write(piece);
}

async function refuseUnaffordable(
  header: DataItemHeader,
  byteCount: number,
  upload: Upload,
  { payment, quota }: ReceiveItemOptions,
): Promise<void> {
  const { client } = upload;
  const overFreeQuota = client !== undefined && (await quota.wouldExceed(client, byteCount));
  const payer = payerOfUpload(header, upload, overFreeQuota);
  if (!(await payment.canAfford(payer, byteCount))) throw notPaidFor(overFreeQuota);
}

function payerOfUpload(
  header: DataItemHeader,
  { paidBy = [], token }: Pick<Upload, 'paidBy' | 'token'>,
  overFreeQuota: boolean,
): Payer {
  return { ...payerOf(header, token), overFreeQuota, paidBy };
}

/** Why somebody has to pay. @param overFreeQuota it would have been free, had there not been so much before */
export const notPaidFor = (overFreeQuota: boolean): ApiError =>
  new ApiError(overFreeQuota ? 'free_quota_used' : 'insufficient_balance');

function refuseBlocked(header: DataItemHeader, { blockedOwners }: ReceiveItemOptions): void {
  if (blockedOwners.has(header)) throw new ApiError('blocked_owner');
}

function refuseTooLarge(byteCount: number, { maxItemSize }: ReceiveItemOptions): void {
  if (byteCount > maxItemSize) {
    throw new ApiError('data_item_too_large', { detail: `The limit is ${maxItemSize} bytes.` });
  }
}

/** @throws ApiError `incomplete_body` when fewer bytes came than were announced */
export function refuseIncomplete(byteCount: number, { declaredByteCount }: Pick<Upload, 'declaredByteCount'>): void {
  if (declaredByteCount !== undefined && byteCount !== declaredByteCount) throw new ApiError('incomplete_body');
}

async function parsing<T>(work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (!(cause instanceof DataItemError)) throw cause;
    throw new ApiError('unparsable_data_item', { detail: cause.message, cause });
  }
}
