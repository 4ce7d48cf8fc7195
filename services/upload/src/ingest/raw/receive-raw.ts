import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { JobProducer, MultipartUploads, Part, Payment } from '@bundler/adapters';
import {
  DataItemError,
  DataItemSigning,
  parseDataItemHeader,
  type Signer,
  type Tag,
  type VerifiedDataItem,
} from '@bundler/ans104';
import { ApiError, partKey } from '@bundler/contract';
import { coalesce } from '../coalesce.ts';
import type { NewItem } from '../commit-groups.ts';
import {
  acceptSmall,
  answerKnown,
  oneAtATime,
  price,
  type Received,
  type ReceiveItemOptions,
  refuseAtTheDoor,
  refuseIncomplete,
} from '../receive-item.ts';
import { storing } from '../storing.ts';
import type { UploadRecord } from '../upload-record.ts';
import { X402Funding, type X402Uploads } from '../x402/x402-uploads.ts';
import { readTags } from './read-tags.ts';

/** Data that nobody has signed; its length and tags are said in headers. */
export interface IncomingRaw {
  readonly body: AsyncIterable<Buffer>;
  readonly headers: IncomingHttpHeaders;
  /** Whose free bytes it uses up; undefined when they are not counted. */
  readonly client?: string | undefined;
  /** Told how far it is. */
  readonly record: UploadRecord;
}

interface RawUpload {
  readonly body: AsyncIterable<Buffer>;
  readonly declaredByteCount: number;
  readonly client: string | undefined;
  readonly record: UploadRecord;
  /** Nobody, where it is free; else a payment by x402. */
  readonly payment: Payment;
}

export interface ReceiveRawOptions {
  /** What signed items are received with. */
  readonly items: ReceiveItemOptions;
  readonly enabled: boolean;
  /** Undefined when the service was given no wallet for it. */
  readonly signer: Signer | undefined;
  /** What is given away. */
  readonly payment: Payment;
  /** How all else is paid for, whose signer is the service itself; undefined where nothing can be. */
  readonly x402: X402Uploads | undefined;
  readonly uploads: Pick<MultipartUploads, 'acceptStored'>;
  readonly jobs: Pick<JobProducer, 'add'>;
  readonly bridges: readonly string[];
  /** For how long the clean-up remembers a large upload, milliseconds. */
  readonly ttlMs: number;
}

/**
 * Makes a data item of unsigned data, from its first byte to its receipt. Its header is signed when all of the data was
 * hashed; how long it will be is known before.
 *
 * @throws ApiError; nothing is kept then
 */
export async function receiveRaw(
  { body, headers, client, record }: IncomingRaw,
  options: ReceiveRawOptions,
): Promise<Received> {
  const { enabled, signer } = options;
  if (!enabled || !signer) throw new ApiError('raw_uploads_off');
  const declared = headers['content-length'];
  if (declared === undefined) throw new ApiError('length_required');
  const signing = beginSigning(signer, readTags(headers));
  const byteCount = signing.headerLength + Number(declared);
  refuseAtTheDoor(byteCount, options.items);
  const payment = await whoPays(byteCount, client, headers, options);
  const upload = { body, declaredByteCount: Number(declared), client, record, payment };
  const receive = byteCount <= options.items.smallItemSize ? receiveSmall : receiveLarge;
  const received = await receive(upload, signing, options);
  return payment instanceof X402Funding && payment.settled ? { ...received, x402: payment.settled } : received;
}

async function receiveSmall(
  upload: RawUpload,
  signing: DataItemSigning,
  options: ReceiveRawOptions,
): Promise<Received> {
  const pieces: Buffer[] = [];
  await hashing(upload, signing, async (piece) => void pieces.push(piece));
  const bytes = await signing.finish();
  const item = signedItem(bytes, upload.declaredByteCount);
  upload.record.signedWith(item.header.signatureType);
  return oneAtATime(item.header, options.items, async () => {
    const known = upload.payment === options.payment ? undefined : await knownItem(item, options);
    if (known) return known;
    const priced = await price(item, upload, options.items, upload.payment);
    return acceptSmall(priced, [bytes, ...pieces], upload.record, options.items);
  });
}

/**
 * The data streams into an object of its own, and the header becomes a second, small one: nothing is held in memory, nor
 * copied for the sake of what stands in front of it. The item's bytes are the two, as those of an upload in parts.
 */
async function receiveLarge(
  upload: RawUpload,
  signing: DataItemSigning,
  options: ReceiveRawOptions,
): Promise<Received> {
  const { store } = options.items;
  const payload = newPart(signing.headerLength, upload.declaredByteCount);
  const writer = await storing(() => store.createWriter(payload.objectKey));
  try {
    await hashing(upload, signing, (piece) => storing(() => writer.write(piece)));
    const bytes = await signing.finish();
    const item = signedItem(bytes, upload.declaredByteCount);
    upload.record.signedWith(item.header.signatureType);
    return await oneAtATime(item.header, options.items, async () => {
      const known = await knownItem(item, options);
      if (known) return known;
      const header = newPart(0, bytes.length);
      await storing(() => Promise.all([writer.commit(), store.put(header.objectKey, [bytes])]));
      const parts = [header, payload].filter((part) => part.byteCount > 0);
      const accepted = await acceptLarge(await price(item, upload, options.items, upload.payment), parts, options);
      upload.record.ended('store');
      return accepted;
    });
  } finally {
    // Also when the same data, sent at the same time, has become the item. A commit leaves nothing to abort; what no row names
    // is found by the clean-up.
    await writer.abort().catch(() => undefined);
  }
}

async function acceptLarge(item: NewItem, parts: readonly Part[], options: ReceiveRawOptions): Promise<Received> {
  const { signer, items: known } = options.items;
  const id = randomUUID();
  const accepted = { ...item, segmentOffset: 0 };
  const [outcome, receipt] = await Promise.all([
    // Whether a COMMIT took effect whose answer was lost need not be known: the same data sent again is the same item.
    options.uploads.acceptStored({ id, parts }, accepted, options.ttlMs, options.bridges),
    signer.sign(item),
  ]);
  if (outcome === 'duplicate') {
    const row = (await known.findKnown([item.id])).get(item.id.toString('base64url'));
    if (!row) throw new Error('an item was neither inserted nor there before');
    return answerKnown(row, item.byteCount, options.items);
  }
  // Nobody waits for this: what is to be done stands in rows.
  const follows = { ...(item.carriesBundle && { bundles: true }), ...(item.winc !== '0' && { paid: true }) };
  void options.jobs.add('newDataItem', { segmentId: id, ...follows });
  return { receipt, byteCount: item.byteCount, duplicate: false };
}

/** The answer about an item that is here already: it is paid for, if it had to be. */
async function knownItem({ byteCount, header }: VerifiedDataItem, { items }: ReceiveRawOptions) {
  const row = (await items.items.findKnown([header.id])).get(header.id.toString('base64url'));
  return row && !row.failed ? answerKnown(row, byteCount, items) : undefined;
}

async function whoPays(
  byteCount: number,
  client: string | undefined,
  headers: IncomingHttpHeaders,
  { items, payment, x402 }: ReceiveRawOptions,
): Promise<Payment> {
  const overFreeQuota = client !== undefined && (await items.quota.wouldExceed(client, byteCount));
  if (!overFreeQuota && (await payment.canAfford({ token: 'arweave', nativeAddress: '' }, byteCount))) return payment;
  if (x402)
    return x402.fundingOf(headers, byteCount, 'payer', overFreeQuota ? 'free_quota_used' : 'insufficient_balance');
  if (overFreeQuota) throw new ApiError('free_quota_used');
  throw new ApiError('insufficient_balance', { detail: 'Unsigned data is taken only where it is free.' });
}

function beginSigning(signer: Signer, tags: readonly Tag[]): DataItemSigning {
  try {
    return new DataItemSigning({ signer, tags });
  } catch (cause) {
    if (!(cause instanceof DataItemError)) throw cause;
    throw new ApiError('invalid_tags', { detail: cause.message, cause });
  }
}

async function hashing(
  upload: RawUpload,
  signing: DataItemSigning,
  take: (piece: Buffer) => Promise<void>,
): Promise<void> {
  let byteCount = 0;
  for await (const piece of coalesce(upload.body)) {
    signing.write(piece);
    byteCount += piece.length;
    await take(piece);
  }
  refuseIncomplete(byteCount, upload);
  upload.record.ended('receive');
}

/** An item that this service has signed itself need not be verified. */
function signedItem(bytes: Buffer, payloadByteCount: number): VerifiedDataItem {
  const header = parseDataItemHeader(bytes)!;
  return { header, byteCount: bytes.length + payloadByteCount, payloadByteCount, valid: true };
}

function newPart(offset: number, byteCount: number): Part {
  const id = randomUUID();
  return { id, offset, byteCount, objectKey: partKey(id) };
}
