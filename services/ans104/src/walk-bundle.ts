import { bundleHeaderByteCount, type LocatedEntry, parseBundleHeader, readItemCount } from './bundle-header.ts';
import { ByteCursor, type ReadBytes } from './byte-cursor.ts';
import { carriesBundle } from './carries-bundle.ts';
import { BundleHeaderError, type BundleHeaderErrorCode, DataItemError, type DataItemErrorCode } from './errors.ts';
import { type DataItemHeader, parseDataItemHeader } from './header.ts';
import { MAX_HEADER_BYTES } from './header-layout.ts';

/** An item in a bundle that another item carries. */
export interface NestedItem {
  /** Its buffers are views of the bytes that were read. */
  readonly header: DataItemHeader;
  /** Id of the item whose payload holds it. */
  readonly parentId: Buffer;
  /** Where it starts, in the bytes that were given. */
  readonly start: number;
  readonly startInParentPayload: number;
  readonly byteCount: number;
}

/** Why an entry is no item, or an item's payload no bundle. */
export type NestedProblem = DataItemErrorCode | BundleHeaderErrorCode | 'id_mismatch' | 'too_deep';

/** A place where something is wrong. What lies beside it is read all the same. */
export interface NestedFault {
  readonly problem: NestedProblem;
  /** The entry's id as its bundle declares it; undefined when it is the bundle itself that cannot be read. */
  readonly id: Buffer | undefined;
  readonly parentId: Buffer;
}

/** A bundle in the payload of an item. */
export interface CarriedBundle {
  /** Of the item that carries it. */
  readonly id: Buffer;
  /** Where it begins and ends, in the bytes that `read` reads. */
  readonly start: number;
  readonly end: number;
}

/** How much work one bundle may make, whatever it declares. */
export interface WalkLimits {
  /** Items in all of its bundles together: one that declares more than are left is not opened. */
  readonly maxItems: number;
  /** Bundles in bundles: at 1, only the items of the given bundle itself are read. */
  readonly maxDepth: number;
}

/**
 * Finds the items of a bundle, those of bundles in it included, in the order of their bytes. Ids and lengths are
 * believed only where the bytes bear them out; signatures are not verified. Payloads are passed over, so the work grows
 * with the number of items and not with their size.
 *
 * @throws what `read` throws
 */
export async function* walkBundle(
  read: ReadBytes,
  bundle: CarriedBundle,
  limits: WalkLimits,
): AsyncGenerator<NestedItem | NestedFault> {
  const cursor = new ByteCursor(read, bundle.start, bundle.end);
  const budget = { itemsLeft: limits.maxItems };
  try {
    yield* walk(bundle, limits.maxDepth, { cursor, budget });
  } finally {
    await cursor.close();
  }
}

interface Walk {
  readonly cursor: ByteCursor;
  readonly budget: { itemsLeft: number };
}

async function* walk(bundle: CarriedBundle, depthLeft: number, on: Walk): AsyncGenerator<NestedItem | NestedFault> {
  const entries = await orProblem(() => readEntries(bundle, on));
  if (typeof entries === 'string') {
    yield { problem: entries, id: undefined, parentId: bundle.id };
    return;
  }
  for (const { id, offset, byteCount } of entries) {
    const start = bundle.start + offset;
    await on.cursor.moveTo(start);
    const header = await orProblem(() => readHeader(id, byteCount, on));
    if (typeof header === 'string') {
      yield { problem: header, id, parentId: bundle.id };
      continue;
    }
    yield { header, parentId: bundle.id, start, startInParentPayload: offset, byteCount };
    if (!carriesBundle(header)) continue;
    const inner = { id: header.id, start: start + header.length, end: start + byteCount };
    if (depthLeft > 1) yield* walk(inner, depthLeft - 1, on);
    else yield { problem: 'too_deep', id: undefined, parentId: inner.id };
  }
}

/** Reads a bundle's own header. No more of it is read than the limits allow and the bundle has room for. */
async function readEntries({ start, end }: CarriedBundle, { cursor, budget }: Walk): Promise<LocatedEntry[]> {
  await cursor.moveTo(start);
  const room = end - start;
  const limit = { maxItems: budget.itemsLeft };
  const count = readItemCount(await cursor.peek(Math.min(bundleHeaderByteCount(0), room)), limit);
  const length = bundleHeaderByteCount(count ?? 0);
  const header = length <= room ? parseBundleHeader(await cursor.peek(length), limit) : undefined;
  if (!header || header.byteCount > room) throw new DataItemError('truncated', 'the bundle ends too early');
  budget.itemsLeft -= header.items.length;
  return header.items;
}

async function readHeader(id: Buffer, byteCount: number, { cursor }: Walk): Promise<DataItemHeader | 'id_mismatch'> {
  const header = parseDataItemHeader(await cursor.peek(Math.min(byteCount, MAX_HEADER_BYTES)));
  if (!header) throw new DataItemError('truncated', 'the item ends before its header does');
  return header.id.equals(id) ? header : 'id_mismatch';
}

async function orProblem<Result>(work: () => Promise<Result>): Promise<Result | NestedProblem> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof DataItemError || error instanceof BundleHeaderError) return error.code;
    throw error;
  }
}
