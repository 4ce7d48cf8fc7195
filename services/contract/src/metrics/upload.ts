import { type ErrorCode, errors, isShed } from '../errors.ts';
import { reportedBy } from './define.ts';
import { sizeCategories } from './labels.ts';
import { withLegacyNames } from './legacy.ts';

const { counter, gauge, histogram, tracedHistogram } = reportedBy('upload');
/** Uploads in parts end in a worker. */
const finished = reportedBy('upload', 'workers');

/** How an upload can end, in the classes that an objective tells apart. */
export const uploadOutcomes = [
  'ok',
  'duplicate',
  'client_error',
  'payment_required',
  'rate_limited',
  'shed',
  'server_error',
  'aborted',
] as const;
export type UploadOutcome = (typeof uploadOutcomes)[number];

/** The class of an upload that ended with an error. */
export function outcomeOfError(code: ErrorCode): UploadOutcome {
  const { status } = errors[code];
  if (code === 'incomplete_body') return 'aborted';
  if (isShed(code)) return 'shed';
  if (status === 402) return 'payment_required';
  if (status === 429) return 'rate_limited';
  return status >= 500 ? 'server_error' : 'client_error';
}

/** The signature types by their number on the wire, as metrics call them. */
export const signatureTypeNames = {
  1: 'arweave',
  2: 'ed25519',
  3: 'ethereum',
  4: 'solana',
  5: 'injected_aptos',
  6: 'multi_aptos',
  7: 'typed_ethereum',
  101: 'kyve',
} as const;

/** The parts of an upload, in their order; several small uploads share one `store`. */
export const uploadStages = ['receive', 'verify', 'reserve', 'store', 'sign'] as const;
export type UploadStage = (typeof uploadStages)[number];

/** What becomes of uploads. */
export const uploadMetrics = {
  uploadLatency: tracedHistogram(
    'upload_latency_seconds',
    'Time from the request to the receipt, of uploads that got one.',
    [0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600],
    { size_category: sizeCategories },
  ),
  uploadRequests: finished.counter(
    'upload_requests_total',
    'Uploads by how they ended. An upload in parts counts once, when a worker has finalized it. Outside of the objective are those that the sender alone can mend: client_error, payment_required, rate_limited, aborted.',
    { outcome: uploadOutcomes, sig_type: [...Object.values(signatureTypeNames), 'unknown'] },
  ),
  uploadErrors: finished.counter('upload_errors_total', 'Uploads that were refused or failed, by their error code.', {
    code: Object.keys(errors),
  }),
  uploadBytes: finished.counter('upload_bytes_total', 'Bytes of accepted data items.', {
    size_category: sizeCategories,
  }),
  uploadInFlight: gauge('upload_in_flight', 'Uploads whose answer is not there yet, by the size that they announced.', {
    size_category: [...sizeCategories, 'unknown'],
  }),
  uploadStages: histogram(
    'upload_stage_duration_seconds',
    "Where an upload's time goes: its body (receive), its signature (verify), its price (reserve), its bytes and its row (store), its receipt (sign). A body that is too large for memory is written while it is received.",
    [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1, 10, 60, 300],
    { stage: uploadStages },
  ),
  receiptSigningRate: gauge('receipt_signing_rate', 'Receipts one process can sign per second, measured at start.'),
  groupItems: histogram(
    'new_data_item_insert_batch_size',
    'Items written and inserted together.',
    [1, 2, 5, 10, 20, 50, 100, 200, 500],
  ),
  groupDuration: histogram(
    'commit_group_duration_seconds',
    'Time to make one group durable: object store and PostgreSQL.',
    [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
  ),
  inFlightItems: gauge('in_flight_data_items', 'Data items that are being uploaded through this process.'),
  inFlightDuplicates: withLegacyNames(
    counter(
      'in_flight_duplicates_total',
      'Uploads that found their item being uploaded already, through this process or another one.',
    ),
    { name: 'local_cache_data_item_hit_count' },
  ),
  inFlightWaits: counter(
    'in_flight_waits_total',
    'Uploads that found their item being uploaded through another process, by what came of the wait: proceeded, or sent_away.',
    { outcome: ['proceeded', 'sent_away'] },
  ),
  inFlightUnmarked: counter(
    'in_flight_unmarked_total',
    'Large uploads whose item could not be marked, because the Redis of the cache did not answer.',
  ),
  multipartUploads: finished.counter('multipart_uploads_total', 'Multipart uploads by what became of them.', {
    outcome: [
      'created',
      'refused',
      'accepted',
      'duplicate',
      'invalid',
      'underfunded',
      'approval_failed',
      'revoke_failed',
      'blocked',
      'aborted',
      'expired',
    ],
  }),
  multipartParts: counter(
    'multipart_parts_total',
    'Parts of multipart uploads by outcome: stored, replaced (sent again), or an error code.',
    { outcome: ['stored', 'replaced', ...Object.keys(errors)] },
  ),
  multipartPartBytes: counter('multipart_part_bytes_total', 'Bytes of stored parts.'),
  progressStreams: gauge('progress_streams', 'Progress streams that are open.'),
  progressRefused: counter('progress_streams_refused_total', 'Progress streams refused because too many were open.'),
  progressLooks: counter(
    'progress_looks_total',
    'Questions for the progress of everything that is followed, by who was asked and how it ended.',
    { source: 'what there is to ask, three', result: ['ok', 'error'] },
  ),
};
