import {
  type DataItems,
  type MultipartFailure,
  type MultipartUpload,
  ObjectDamaged,
  type ObjectStore,
  type Part,
  type Payer,
  type Payment,
} from '@bundler/adapters';
import {
  DataItemError,
  type DataItemHeader,
  DataItemVerifier,
  type OwnerList,
  payerOf,
  type VerifiedDataItem,
} from '@bundler/ans104';
import { assembledSize } from '@bundler/contract';

/** What the parts of an upload turned out to be. */
export type Examined =
  | { readonly verified: VerifiedDataItem }
  /** The id of an item that was accepted before. */
  | { readonly known: Buffer }
  | { readonly failure: MultipartFailure; readonly cause?: Error };

/** What an upload says of who pays for it. */
type PaidBy = Pick<MultipartUpload, 'token' | 'overFreeQuota' | 'paidBy'>;

interface Options {
  readonly store: Pick<ObjectStore, 'readTransient'>;
  readonly items: Pick<DataItems, 'findKnown'>;
  readonly payment: Pick<Payment, 'canAfford'>;
  readonly blockedOwners: Pick<OwnerList, 'has'>;
  readonly config: { readonly maxDataItemSize: number };
}

/**
 * Reads parts once, in their order, in constant memory. What the header alone decides, it decides before the rest is
 * read: hashing 10 GiB for someone who cannot pay, or for an item that is here already, would be work for nothing.
 *
 * @throws what the store or the database does when it is away
 */
export async function examineParts(parts: readonly Part[], upload: PaidBy, options: Options): Promise<Examined> {
  const size = assembledSize(parts);
  if ('expectedAt' in size) return invalid(`part at ${size.foundAt} where ${size.expectedAt} was expected`);
  if (size.byteCount > options.config.maxDataItemSize) return invalid(`${size.byteCount} bytes are too many`);
  const verifier = new DataItemVerifier();
  try {
    let judged = false;
    for await (const piece of piecesOf(parts, options.store)) {
      verifier.write(piece);
      if (judged || !verifier.header) continue;
      judged = true;
      const verdict = await judgeHeader(verifier.header, size.byteCount, upload, options);
      if (verdict) return verdict;
    }
    const verified = await verifier.finish();
    return verified.valid ? { verified } : invalid('the signature does not match');
  } catch (error) {
    // Bytes that were durable are gone: its sender has them still, and no receipt yet.
    if (error instanceof DataItemError || error instanceof ObjectDamaged) return { failure: 'INVALID', cause: error };
    throw error;
  }
}

async function judgeHeader(
  header: DataItemHeader,
  byteCount: number,
  upload: PaidBy,
  { blockedOwners, items, payment }: Options,
): Promise<Examined | undefined> {
  if (blockedOwners.has(header)) return { failure: 'BLOCKED' };
  const known = (await items.findKnown([header.id])).get(header.id.toString('base64url'));
  if (known && !known.failed) return { known: header.id };
  const affordable = await payment.canAfford(payerOfUpload(header, upload), byteCount);
  return affordable ? undefined : { failure: 'UNDERFUNDED' };
}

/** Who pays for an upload's item: those that the request to finalize it has named, and its signer. */
export function payerOfUpload(header: DataItemHeader, { overFreeQuota, paidBy, token }: PaidBy): Payer {
  return { ...payerOf(header, token ?? undefined), overFreeQuota, paidBy };
}

async function* piecesOf(parts: readonly Part[], store: Options['store']): AsyncIterable<Buffer> {
  for (const { objectKey, byteCount } of parts) yield* store.readTransient(objectKey, 0, byteCount);
}

const invalid = (why: string): Examined => ({ failure: 'INVALID', cause: new Error(why) });
