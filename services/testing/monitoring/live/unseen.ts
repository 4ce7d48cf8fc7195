import type { Unseen } from './verdict.ts';

/** Metrics that may have no series after everything that the live proof does, and why. Some process declares each all the same. */
export const unseen: Unseen = {
  cache_operations_total: 'objects in a directory are read from there: only those in S3 are cached',
  optical_lost_total: 'no bridge is away for as long as headers are kept for it',
  outbox_redrives_total: 'nothing stands still',
  bundler_operator_apply_loops_total: 'nobody insists on a change',
  bundler_operator_pruned_total: 'the BundlerConfig loses no part',
  bundler_operator_watch_errors_total: 'the API server answers',
  bundler_operator_handler_errors_total: 'would be a defect',
};
