/** Every metric, declared once: the processes register them from here, boards and alerts name them from here. */
export interface MetricDefinition {
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  readonly labels: readonly string[];
  readonly buckets?: readonly number[];
}

const latencyBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];

const counter = (name: string, help: string, ...labels: string[]) =>
  ({ name, type: 'counter', help, labels }) as const satisfies MetricDefinition;
const gauge = (name: string, help: string, ...labels: string[]) =>
  ({ name, type: 'gauge', help, labels }) as const satisfies MetricDefinition;
const histogram = (name: string, help: string, buckets: readonly number[], ...labels: string[]) =>
  ({ name, type: 'histogram', help, labels, buckets }) as const satisfies MetricDefinition;

export const metrics = {
  httpRequests: histogram(
    'http_request_duration_seconds',
    'Time from the request to the end of the answer.',
    latencyBuckets,
    'method',
    'route',
    'status',
  ),
  httpTimeouts: counter(
    'http_timeouts_total',
    'Connections closed: silent in a request (idle) or between two (keep_alive), a body below the minimum rate (slow_body), headers or a whole request that took too long (too_long).',
    'kind',
  ),
  httpClientErrors: counter('http_client_errors_total', 'Connections closed because what came was not HTTP.', 'code'),
  rateLimited: counter(
    'rate_limited_requests_total',
    'Requests refused: too many of one address or one API key, or a blocked address.',
    'reason',
  ),
  rateLimitSkipped: counter(
    'rate_limit_skipped_total',
    'Requests let through uncounted, because the Redis that counts them did not answer.',
  ),
  uploadLatency: histogram(
    'upload_latency_seconds',
    'Time from the request to the receipt.',
    latencyBuckets,
    'size_category',
  ),
  uploadBytes: counter('upload_bytes_total', 'Bytes of accepted data items.'),
  uploads: counter('uploads_total', 'Uploads by outcome: accepted, duplicate, or an error code.', 'outcome'),
  multipartUploads: counter(
    'multipart_uploads_total',
    'Multipart uploads by what became of them: created, refused, accepted, duplicate, invalid, underfunded, blocked, aborted, expired.',
    'outcome',
  ),
  multipartParts: counter(
    'multipart_parts_total',
    'Parts of multipart uploads by outcome: stored, replaced (sent again), or an error code.',
    'outcome',
  ),
  multipartPartBytes: counter('multipart_part_bytes_total', 'Bytes of stored parts.'),
  inFlightWaits: counter(
    'in_flight_waits_total',
    'Uploads that found their item being uploaded through another process, by what came of the wait: proceeded, or sent_away.',
    'outcome',
  ),
  inFlightUnmarked: counter(
    'in_flight_unmarked_total',
    'Large uploads whose item could not be marked, because the Redis of the cache did not answer.',
  ),
  groupItems: histogram(
    'new_data_item_insert_batch_size',
    'Items written and inserted together.',
    [1, 2, 5, 10, 20, 50, 100, 200, 500],
  ),
  groupDuration: histogram(
    'commit_group_duration_seconds',
    'Time to make one group durable: object store and PostgreSQL.',
    latencyBuckets,
  ),
  breakerState: gauge('circuit_breaker_state', '0 while closed, 1 while open, 2 while half open.', 'service'),
  breakerEvents: counter(
    'circuit_breaker_events_total',
    'Calls through a circuit breaker by how they ended (success, failure, timeout, reject), and its changes (open, halfOpen, close).',
    'service',
    'event',
  ),
  receiptSigningRate: gauge('receipt_signing_rate', 'Receipts one process can sign per second, measured at start.'),
  poolSize: gauge('db_pool_size', 'Open database connections.', 'pool'),
  poolFree: gauge('db_pool_free', 'Open database connections that nobody uses.', 'pool'),
  poolPending: gauge('db_pool_pending', 'Requests that wait for a database connection.', 'pool'),
  poolTimeouts: counter('db_pool_acquire_timeouts_total', 'Requests that waited too long for a connection.', 'pool'),
  poolAcquire: histogram(
    'db_pool_acquire_seconds',
    'How long a request waited for a database connection, those that waited in vain included.',
    [0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30],
    'pool',
  ),
  queueDepth: gauge('queue_depth', 'Jobs that wait. Every API reports it: read it with max by (queue).', 'queue'),
  jobDurations: histogram(
    'fulfillment_job_durations_seconds',
    'Time one job took.',
    [0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300, 1800],
    'queue',
  ),
  jobSuccesses: counter('fulfillment_job_successes', 'Jobs that ended well.', 'queue'),
  jobFailures: counter('fulfillment_job_failures', 'Tries of jobs that failed.', 'queue'),
  bundleTransitions: counter('bundle_transitions_total', 'Bundles that reached a state.', 'state'),
  oversizedItems: counter(
    'oversized_data_items_total',
    'Items above MAX_BUNDLE_DATA_ITEMS_BYTE_COUNT that were set aside, each into a bundle of its own.',
  ),
  itemsFailed: counter('data_items_failed_total', 'Items that ended as failed.', 'reason'),
  chunkPosts: counter('chunk_seed_post_total', 'Chunks posted, by result.', 'result'),
  redriven: counter('bundle_redrives_total', 'Bundles that stood still and were put back to work.', 'state'),
  finalizationsRedriven: counter(
    'multipart_redrives_total',
    'Finalizations of multipart uploads that stood still and were put back to work.',
  ),
  unbundled: counter(
    'unbundled_data_items_total',
    'Accepted items whose payload says that it is a bundle: unbundled, or why that was impossible.',
    'outcome',
  ),
  nestedItems: counter(
    'nested_data_items_total',
    'Entries of bundles inside of accepted items: found, or why they are no items.',
    'outcome',
  ),
  offsetsWritten: counter('nested_offsets_written_total', 'Places of nested items that can be looked up from now on.'),
  opticalPosts: counter(
    'optical_posts_total',
    'Posts to optical bridges by how they ended: taken, refused, or failed, which is tried again.',
    'bridge',
    'outcome',
  ),
  opticalItems: counter(
    'optical_items_total',
    'Headers posted to optical bridges: taken or refused.',
    'bridge',
    'outcome',
  ),
  opticalLost: counter(
    'optical_lost_total',
    'Groups of headers that an optical bridge will not get: too_old, or bytes_gone.',
    'bridge',
    'why',
  ),
  stillRedriven: counter(
    'outbox_redrives_total',
    'Work other than bundles and finalizations that stood still and was put back, by its queue.',
    'queue',
  ),
  cacheSkipped: counter('cache_skipped_total', 'Objects too large for the cache.'),
  cacheReads: counter('local_cache_data_item_hit_count', 'Reads of cached objects, by result.', 'result'),
  workerConcurrency: gauge(
    'worker_concurrency',
    'Jobs of a queue that this process runs at the same time; 0 while the queue is paused.',
    'queue',
  ),
  liveSettingsGeneration: gauge(
    'live_settings_generation',
    'Generation of the BundlerConfig whose live settings this process obeys; 0 when its environment alone rules.',
  ),
  liveSettingsErrors: counter('live_settings_errors_total', 'Files of live settings that could not be used.'),
  progressStreams: gauge('progress_streams', 'Progress streams that are open.'),
  progressRefused: counter('progress_streams_refused_total', 'Progress streams refused because too many were open.'),
  progressLooks: counter(
    'progress_looks_total',
    'Questions for the progress of everything that is followed, by who was asked and how it ended: ok or error.',
    'source',
    'result',
  ),
  objectsDeleted: counter('objects_deleted_total', 'Objects deleted by the clean-up.', 'reason'),
  rowsForgotten: counter('rows_forgotten_total', 'Rows deleted by the clean-up because they were old.', 'table'),
} as const satisfies Record<string, MetricDefinition>;

/** What the operator reports of itself; no other process has these. */
export const operatorMetrics = {
  driftCorrected: counter(
    'drift_corrected_total',
    'Corrections of objects that somebody else had changed, by the kind of the object and by who it was.',
    'kind',
    'manager',
  ),
  applyLoops: counter(
    'operator_apply_loops_total',
    'Objects that were left alone for a while because another manager undid every correction.',
    'kind',
    'manager',
  ),
  applies: counter(
    'operator_applies_total',
    'Objects brought to the API server, by what came of it: created, changed, unchanged, skipped, or failed.',
    'kind',
    'result',
  ),
  pruned: counter('operator_pruned_total', 'Objects deleted because the configuration no longer has them.', 'kind'),
  reconciles: histogram(
    'operator_reconcile_duration_seconds',
    'Time one reconciliation took, by how it ended: ok, later, or error.',
    latencyBuckets,
    'queue',
    'result',
  ),
  workQueueDepth: gauge('operator_workqueue_depth', 'Keys that wait to be worked on.', 'queue'),
  workQueueWait: histogram(
    'operator_workqueue_wait_seconds',
    'Time a key waited until it was worked on.',
    latencyBuckets,
    'queue',
  ),
  workQueueRetries: counter('operator_workqueue_retries_total', 'Keys put back because work on them failed.', 'queue'),
  watchErrors: counter('operator_watch_errors_total', 'Lists and watches that failed.', 'resource', 'reason'),
  relists: counter('operator_relists_total', 'Complete lists, by why one was needed.', 'resource', 'reason'),
  watchLastEvent: gauge(
    'operator_watch_last_event_timestamp_seconds',
    'When the API server last said anything in a watch or list, Unix time.',
    'resource',
  ),
  cachedObjects: gauge('operator_cached_objects', 'Objects held in memory.', 'resource'),
  handlerErrors: counter('operator_handler_errors_total', 'Changes whose handler failed: a defect.', 'resource'),
  leader: gauge('operator_leader', '1 in the one replica that acts.'),
  eventsFailed: counter('operator_events_failed_total', 'Events that could not be recorded.'),
} as const satisfies Record<string, MetricDefinition>;
