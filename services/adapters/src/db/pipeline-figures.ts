import type { Knex } from 'knex';

/** How many there are in a state, and how long the first of them has been in it, seconds. */
export interface StateFigures {
  readonly bundles: number;
  readonly items: number;
  readonly ageSeconds: number;
}

export interface PipelineFigures {
  readonly waiting: StateFigures;
  /** Bundles on their way, by state; a state without any has no entry. */
  readonly open: ReadonlyMap<string, StateFigures>;
  readonly failed: StateFigures;
  /** Items that have not ended and that nothing carries on. */
  readonly unaccounted: number;
}

interface Row extends StateFigures {
  readonly state: string;
}

/**
 * Reads how many items and bundles are where. All of it comes from partial indexes that hold what is on its way or has failed: it costs
 * as much as there is of that, however many have become permanent.
 */
export async function readPipelineFigures(db: Knex): Promise<PipelineFigures> {
  // One statement sees one moment: an item that moves meanwhile is in one place, and only one.
  const result = await db.raw<{ rows: Row[] }>(`
    with open as (
      select id, state, item_count, entered_at from bundles where state not in ('permanent', 'failed')
    ), astray as (
      select count(*) as items from bundles b join data_items i on i.bundle_id = b.id where b.state = 'failed'
    ), missing as (
      select coalesce(sum(abs(item_count - (select count(*) from data_items i where i.bundle_id = open.id))), 0) as items
      from open
    )
    select state, count(*) as bundles, sum(item_count)::bigint as items,
      extract(epoch from now() - min(entered_at))::float8 as "ageSeconds" from open group by state
    union all
    select 'new', 0, count(*), coalesce(extract(epoch from now() - min(received_at))::float8, 0)
    from data_items where bundle_id is null and failed_at is null
    union all
    select 'failed', (select count(*) from bundles where state = 'failed'),
      (select count(*) from data_items where failed_at is not null), 0
    union all
    select 'unaccounted', 0, (astray.items + missing.items)::bigint, 0 from astray, missing`);
  const rows = new Map(result.rows.map(({ state, ...figures }) => [state, figures]));
  const take = (state: string): StateFigures => {
    const figures = rows.get(state)!;
    rows.delete(state);
    return figures;
  };
  const [waiting, failed, unaccounted] = [take('new'), take('failed'), take('unaccounted')];
  return { waiting, failed, unaccounted: unaccounted.items, open: rows };
}
