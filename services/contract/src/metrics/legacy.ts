/** A label of a legacy name. */
export interface LegacyLabel<Label extends string = string> {
  /** The label of ours that it is made from. */
  readonly from: Label;
  /** What the values of ours are called there; series with any other are not counted. Without it values stay as they are. */
  readonly values?: Readonly<Record<string, string>>;
}

/** A name that earlier bundlers have for some of a metric's figures. */
export interface LegacyName<Label extends string = string> {
  readonly name: string;
  /** What labels of ours must be for a series to be counted. */
  readonly only?: Readonly<Partial<Record<Label, string>>>;
  /** Series that differ in none of these are added up. */
  readonly labels?: Readonly<Record<string, LegacyLabel<Label>>>;
}

/** What can be added up: of a gauge that two processes report, a sum means nothing. */
interface Summable {
  readonly type: 'counter' | 'histogram';
  readonly labels: Readonly<Record<string, unknown>>;
}

/** A metric that is also served under legacy names where `METRICS_LEGACY_NAMES` says so. */
export function withLegacyNames<const M extends Summable>(
  metric: M,
  ...legacy: readonly LegacyName<keyof M['labels'] & string>[]
) {
  return { ...metric, legacy };
}

/** Names that earlier bundlers and this one both have: they stay ours, and this is what differs. */
export const sharedNames: Readonly<Record<string, string>> = {
  circuit_breaker_state:
    'As the scale plan has it: 0 while closed, 1 while open, 2 while half open, and the label `service`. There half open is 0.5, and the label `breaker`. Ask for `> 0`, which is right for both.',
  chunk_seed_post_total:
    'Its `result` is `accepted`, `refused` or `failed`, not `success` or `failure`. It has no `endpoint`: chunks go to one gateway.',
  new_data_item_insert_batch_size: 'Its buckets are others.',
};

/** What earlier bundlers report and nothing here means the same as: why, and what there is in its place. */
export const unmatchedNames: readonly { readonly names: readonly string[]; readonly why: string }[] = [
  {
    names: ['optical_bridge_enqueue_fail_count', 'unbundle_bdi_enqueue_fail_count'],
    why: 'What follows an acceptance is written in the same transaction as the row of the item, so that there is nothing that could fail by itself. Work whose job was lost is counted by `outbox_redrives_total`.',
  },
  {
    names: ['duplicate_data_items_found_from_database_reader_count'],
    why: 'The nearest is `upload_requests_total{outcome="duplicate"}`, but it has also those that shared the receipt of an upload that was still under way.',
  },
  {
    names: [
      'duplicate_data_items_within_batch_count',
      'primary_key_errors_encountered_on_new_data_item_batch_insert_count',
    ],
    why: 'An insert passes over the rows that are there: a duplicate is no error.',
  },
  {
    names: [
      'cache_quarantine_success_count',
      'cache_quarantine_failure_count',
      'fs_backup_quarantine_success_count',
      'fs_backup_quarantine_failure_count',
      'obj_store_quarantine_success_count',
      'obj_store_quarantine_failure_count',
      'data_item_remove_canceled_when_found_in_db_count',
    ],
    why: 'Nothing is put into quarantine. Bytes that no row points at are deleted by the clean-up: `objects_deleted_total`.',
  },
  {
    names: ['usd_to_ar_rate_fail_count'],
    why: 'A bundle is posted without asking for a rate. How old those are that the payment service uses: `payment_price_age_seconds{of="rates"}`.',
  },
  {
    names: ['posted_bundle_failed_to_seed_total'],
    why: 'A bundle is not given up because its chunks do not arrive; they are posted again, which `bundle_setbacks_total{reason="failed_to_seed"}` counts where the transaction was confirmed without them. For the same reason `posted_bundle_redrive_total` has no `demoted`.',
  },
  {
    names: ['verify_permanent_insert_fail_count', 'verify_permanent_insert_dead_lettered_count'],
    why: 'An item keeps its one row; becoming permanent inserts none.',
  },
  {
    names: ['gateway_read_fallback_total', 'permanence_confirmation_sources_total'],
    why: 'There is one gateway. How it answers: `arweave_gateway_requests_total`.',
  },
  {
    names: [
      'goldsky_optical_failure_count',
      'legacy_gateway_optical_failure_count',
      'ardrive_gateway_optical_failure_count',
    ],
    why: 'Bridges are told apart by their hosts, and none has a role: `optical_posts_total`.',
  },
  {
    names: [
      'optimistic_tx_post_total',
      'optimistic_tx_post_duration_seconds',
      'chunk_cache_bridge_total',
      'chunk_broadcast_gate_total',
      'archive_copy_total',
      'optical_custom_route_post_total',
    ],
    why: 'They are about something that this platform does not do.',
  },
  {
    names: ['uncaught_exceptions_total'],
    why: 'Such an error ends the process at once; Kubernetes counts the restarts (`BundlerPodRestarts`).',
  },
  {
    names: ['nodejs_active_handles_total', 'nodejs_active_requests_total', 'nodejs_active_resources_total'],
    why: 'Gauges that are named like counters: add up those of the same name without `_total`.',
  },
  {
    names: [
      'payment_intent_succeeded',
      'payment_intent_refunded',
      'payment_intent_chargeback',
      'payment_intent_chargeback_failed',
      'stripe_session_creation_error',
      'suspicious_wallet_activity',
      'gift_email_trigger_failure',
      'top_ups',
    ],
    why: 'Payments by card stand in the database and in the ledger. What of them is still to be done is `payment_outbox_waiting`, and top-ups by transaction are `payment_top_ups_total`.',
  },
  {
    names: ['unauthorized_protected_route_activity'],
    why: 'Every refusal is in `http_request_duration_seconds_count{status_code="401"}`, by its route.',
  },
  {
    names: ['arns_purchase_quote_success', 'arns_purchase_quote_failed'],
    why: 'There are no purchases of names.',
  },
];
