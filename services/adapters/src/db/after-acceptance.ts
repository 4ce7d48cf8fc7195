import type { AcceptedItem } from './data-items.ts';

/** A piece of a statement, and what it binds. */
interface Fragment {
  readonly sql: string;
  readonly bindings: readonly unknown[];
}

/**
 * What the items whose ids are in `accepted` leave to be done, as the next parts of the statement that accepts them: a
 * crash right after it loses nothing. For free items that carry no bundle, where there are no bridges, it is nothing.
 *
 * @param segmentId of the segment or multipart upload that holds their bytes
 * @param bridges URLs of the optical bridges that are to be told of them
 */
export function afterAcceptance(
  segmentId: string,
  items: readonly AcceptedItem[],
  bridges: readonly string[],
): Fragment {
  const carriers = items.filter((item) => item.carriesBundle).map((item) => item.id);
  const paid = items.filter((item) => item.winc !== '0').map((item) => item.id);
  const parts = [
    ...(paid.length > 0 ? [captured(segmentId, paid)] : []),
    ...(carriers.length > 0 ? [unbundled(carriers)] : []),
    ...(bridges.length > 0 ? [told(segmentId, bridges)] : []),
  ];
  return { sql: parts.map(({ sql }) => `, ${sql}`).join(''), bindings: parts.flatMap(({ bindings }) => bindings) };
}

/** The payment service is to be told that what is reserved for them is spent. */
function captured(segmentId: string, paid: readonly Buffer[]): Fragment {
  return {
    sql: `captured as (
      insert into payment_captures (segment_id)
      select ?::uuid where exists (select from accepted where id = any(?::bytea[]))
      on conflict do nothing
    )`,
    bindings: [segmentId, paid],
  };
}

/** One that had come to nothing is done again: its bytes may have been gone, and are here again now. */
function unbundled(carriers: readonly Buffer[]): Fragment {
  return {
    sql: `unbundled as (
      insert into unbundlings (item_id) select id from accepted where id = any(?::bytea[])
      on conflict (item_id) do update set state = 'waiting', failed_reason = null, moved_at = now(), checked_at = now()
      where unbundlings.state = 'failed'
    )`,
    bindings: [carriers],
  };
}

/** Items that come to a segment one by one let it be posted from its start: a bridge takes what it knows. */
function told(segmentId: string, bridges: readonly string[]): Fragment {
  return {
    sql: `told as (
      insert into optical_deliveries (bridge, segment_id)
      select b.bridge, ?::uuid from unnest(?::text[]) as b(bridge) where exists (select from accepted)
      on conflict (bridge, segment_id) do update set position = -1
    )`,
    bindings: [segmentId, bridges],
  };
}
