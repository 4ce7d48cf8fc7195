import type { Knex } from 'knex';
import type { BundleState } from './bundles.ts';
import { WAITING_TYPES } from './planning.ts';

/** The bundle that was packed last. */
export interface NewestBundle {
  readonly state: BundleState;
  readonly txId: Buffer | null;
  readonly itemCount: number;
  readonly byteCount: number;
  /** Unix milliseconds. */
  readonly createdAt: number;
}

export interface PipelineView {
  /** When the item was received that has waited longest for a bundle, Unix milliseconds; null when none waits. */
  readonly oldestWaitingAt: number | null;
  readonly newestBundle: NewestBundle | undefined;
}

/** How far the pipeline is, from indexes alone: asking costs the same whatever is stored. */
export async function viewPipeline(db: Knex): Promise<PipelineView> {
  const [oldest, newest] = await Promise.all([
    db.raw<{ rows: { at: number | null }[] }>(
      `${WAITING_TYPES}
       select (extract(epoch from min((
         select min(received_at) from data_items
         where bundle_id is null and failed_at is null and feature_type = types.t))) * 1000)::bigint as at
       from types where t is not null`,
    ),
    db.raw<{ rows: NewestBundle[] }>(
      `select state, tx_id as "txId", item_count as "itemCount", byte_count as "byteCount",
         (extract(epoch from created_at) * 1000)::bigint as "createdAt"
       from bundles order by created_at desc, id desc limit 1`,
    ),
  ]);
  return { oldestWaitingAt: oldest.rows[0]?.at ?? null, newestBundle: newest.rows[0] };
}
