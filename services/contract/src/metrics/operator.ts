import { reportedBy } from './define.ts';
import { buildMetrics } from './process.ts';

const { counter, gauge, histogram } = reportedBy('operator');

const seconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];
const queue = ['reconcile', 'status'];
const resource = 'the resources that the operator watches, some fifteen';
const kind = 'the kinds of the objects that the operator makes';
const manager = 'the field managers that change those objects';
const ofConfig = { namespace: 'those of the BundlerConfigs', name: 'the BundlerConfigs' };
const ofDatabase = { ...ofConfig, database: ['upload', 'payment'] } as const;

/** What the operator reports of itself and of the BundlerConfigs; no other process has these. */
export const operatorMetrics = {
  ...buildMetrics,
  resourceReady: gauge(
    'bundler_resource_ready',
    'Whether a condition of a BundlerConfig is True, 1 or 0, as its status says. The leader alone reports it.',
    { ...ofConfig, condition: 'the types of conditions, see operator.md' },
  ),
  configGeneration: gauge(
    'bundler_config_generation',
    'Generation of the spec that stands in a BundlerConfig. The leader alone reports it.',
    ofConfig,
  ),
  configObservedGeneration: gauge(
    'bundler_config_observed_generation',
    'Generation of the spec that the operator has acted upon. The leader alone reports it.',
    ofConfig,
  ),
  connectionsBudget: gauge(
    'bundler_db_connections_budget',
    'Connections to a database that all pods of a BundlerConfig together could hold. The leader alone reports it.',
    ofDatabase,
  ),
  connectionsLimit: gauge(
    'bundler_db_connections_limit',
    'Connections to a database that its server has for a BundlerConfig, those to the payment database where its spec says how many. The leader alone reports it.',
    ofDatabase,
  ),
  driftCorrected: counter(
    'drift_corrected_total',
    'Corrections of objects that somebody else had changed, by the kind of the object and by who it was.',
    { kind, manager },
  ),
  applyLoops: counter(
    'bundler_operator_apply_loops_total',
    'Objects that were left alone for a while because another manager undid every correction.',
    { kind, manager },
  ),
  applies: counter('bundler_operator_applies_total', 'Objects brought to the API server, by what came of it.', {
    kind,
    result: ['created', 'changed', 'unchanged', 'skipped', 'failed', 'fought'],
  }),
  pruned: counter('bundler_operator_pruned_total', 'Objects deleted because the configuration no longer has them.', {
    kind,
  }),
  reconciles: histogram(
    'bundler_operator_reconcile_duration_seconds',
    'Time one reconciliation took, by how it ended; its count is the number of reconciliations.',
    seconds,
    { queue, result: ['ok', 'later', 'error'] },
  ),
  workQueueDepth: gauge('bundler_operator_workqueue_depth', 'Keys that wait to be worked on.', { queue }),
  workQueueWait: histogram(
    'bundler_operator_workqueue_wait_seconds',
    'Time a key waited until it was worked on.',
    seconds,
    { queue },
  ),
  workQueueRetries: counter('bundler_operator_workqueue_retries_total', 'Keys put back because work on them failed.', {
    queue,
  }),
  watchErrors: counter('bundler_operator_watch_errors_total', 'Lists and watches that failed.', {
    resource,
    reason: 'the names of the errors that a list or watch can meet',
  }),
  relists: counter('bundler_operator_relists_total', 'Complete lists, by why one was needed.', {
    resource,
    reason: 'why a list can be needed, a handful',
  }),
  watchLastEvent: gauge(
    'bundler_operator_watch_last_event_timestamp_seconds',
    'When the API server last said anything in a watch or list, Unix time.',
    { resource },
  ),
  cachedObjects: gauge('bundler_operator_cached_objects', 'Objects held in memory.', { resource }),
  handlerErrors: counter('bundler_operator_handler_errors_total', 'Changes whose handler failed: a defect.', {
    resource,
  }),
  leader: gauge('bundler_operator_leader', '1 in the one replica that acts.'),
  eventsFailed: counter('bundler_operator_events_failed_total', 'Events that could not be recorded.'),
};
