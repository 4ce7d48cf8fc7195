import type { MinedRecord } from './record.ts';

/** A condition on one tag. */
export interface TagFilter {
  readonly name: string;
  readonly values: readonly string[];
  readonly op: 'EQ' | 'NEQ';
}

/** The arguments of `transactions`. */
export interface Query {
  readonly ids?: readonly string[] | null;
  readonly owners?: readonly string[] | null;
  readonly recipients?: readonly string[] | null;
  readonly tags?: readonly TagFilter[] | null;
  readonly bundledIn?: readonly string[] | null;
  readonly block?: { readonly min?: number | null; readonly max?: number | null } | null;
  readonly first?: number | null;
  readonly after?: string | null;
  readonly sort?: 'HEIGHT_ASC' | 'HEIGHT_DESC' | null;
}

/** One page of a query's results. */
export interface Page {
  readonly records: readonly MinedRecord[];
  readonly hasNextPage: boolean;
}

const MAX_PAGE = 100;

/** The cursor of a record: its place in the order, so that it stays valid while blocks are added. */
export function cursorOf({ height, id }: Pick<MinedRecord, 'height' | 'id'>): string {
  return Buffer.from(`${height}:${id}`).toString('base64url');
}

/**
 * Filters, orders and pages records.
 *
 * @throws RangeError for a cursor that is none, or a negative page size.
 */
export function select(records: Iterable<MinedRecord>, query: Query): Page {
  const ascending = query.sort === 'HEIGHT_ASC';
  const first = Math.min(query.first ?? 10, MAX_PAGE);
  if (first < 0) throw new RangeError(`first: expected 0 to ${MAX_PAGE}`);
  const after = query.after ? parseCursor(query.after) : undefined;
  const compare = (a: Pick<MinedRecord, 'height' | 'id'>, b: Pick<MinedRecord, 'height' | 'id'>): number =>
    (a.height - b.height || (a.id < b.id ? -1 : Number(a.id > b.id))) * (ascending ? 1 : -1);
  const found: MinedRecord[] = [];
  for (const record of records) {
    if (matches(record, query) && (!after || compare(record, after) > 0)) found.push(record);
  }
  found.sort(compare);
  return { records: found.slice(0, first), hasNextPage: found.length > first };
}

function parseCursor(cursor: string): { height: number; id: string } {
  const [, height, id] = /^(\d+):(.+)$/.exec(Buffer.from(cursor, 'base64url').toString()) ?? [];
  if (height === undefined || id === undefined) throw new RangeError('after: not a cursor of this gateway');
  return { height: Number(height), id };
}

function matches(record: MinedRecord, { ids, owners, recipients, bundledIn, block, tags }: Query): boolean {
  if (ids && !ids.includes(record.id)) return false;
  if (owners && !owners.includes(record.address)) return false;
  if (recipients && !recipients.includes(record.recipient)) return false;
  if (bundledIn && !bundledIn.includes(record.bundle ?? '')) return false;
  if (record.height < (block?.min ?? 0) || record.height > (block?.max ?? record.height)) return false;
  return (tags ?? []).every(({ name, values, op }) => {
    const has = record.tags.some((tag) => tag.name === name && values.includes(tag.value));
    return has === (op !== 'NEQ');
  });
}
