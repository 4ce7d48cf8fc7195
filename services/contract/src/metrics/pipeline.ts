import { reportedBy } from './define.ts';
import { queueLabel } from './labels.ts';
import { withLegacyNames } from './legacy.ts';

const { counter, gauge, histogram } = reportedBy('workers');

const MiB = 1024 * 1024;

/** Where an item can be on its way: waiting for a bundle (`new`), or with its bundle. */
export const openStates = ['new', 'planned', 'prepared', 'posted', 'seeded'] as const;
const openBundleStates = openStates.filter((state) => state !== 'new');
const bundleStates = [...openBundleStates, 'permanent', 'failed'];

/** The way of items from their acceptance to permanence. */
export const pipelineMetrics = {
  dataItems: gauge(
    'data_items',
    'Accepted items that are on their way, by where they are, and failed ones. Those that are permanent are too many to be counted again and again: see data_items_permanent_total. The workers of the queue redrive report it, from PostgreSQL, once a minute: read it with max by (state).',
    { state: [...openStates, 'failed'] },
  ),
  bundles: gauge(
    'bundles',
    'Bundles that are on their way, by state, and failed ones. Reported like data_items: read it with max by (state).',
    { state: [...openBundleStates, 'failed'] },
  ),
  dataItemStateAge: gauge(
    'data_item_state_age_seconds',
    'How long the item that has been longest in a state has been in it; 0 when none is. Reported like data_items: read it with max by (state).',
    { state: openStates },
  ),
  itemsUnaccounted: gauge(
    'data_items_unaccounted',
    'Accepted items that nothing carries on: their bundle has failed, or has fewer of them than it was planned with. Must be 0. Reported like data_items: read it with max.',
  ),
  itemFinality: histogram(
    'data_item_finality_seconds',
    'Time from the acceptance of an item until its bundle was posted, and until it was permanent.',
    [60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 28_800, 86_400],
    { to: ['posted', 'permanent'] },
  ),
  bundleSize: histogram('bundle_size_bytes', 'Bytes of planned bundles.', [
    MiB / 16,
    MiB / 4,
    MiB,
    4 * MiB,
    16 * MiB,
    64 * MiB,
    256 * MiB,
    1024 * MiB,
    2048 * MiB,
    10_240 * MiB,
  ]),
  bundleItems: histogram('bundle_items', 'Items of planned bundles.', [1, 10, 50, 100, 500, 1000, 2500, 5000, 10_000]),
  bundleStages: histogram(
    'bundle_stage_duration_seconds',
    'How long a bundle was in the state that a step ended: waiting for plan since its oldest item was accepted, for the others since the step before.',
    [0.1, 0.5, 1, 5, 10, 30, 60, 300, 900, 1800, 3600, 14_400, 86_400],
    { stage: ['plan', 'prepare', 'post', 'seed', 'verify'] },
  ),
  bundleTransitions: counter('bundle_transitions_total', 'Bundles that reached a state.', { state: bundleStates }),
  bundleFailures: counter('bundle_failures_total', 'Bundles that were given up; their items are packed again.', {
    reason: ['failed_to_post', 'not_found', 'missing_from_object_store'],
  }),
  bundleSetbacks: counter(
    'bundle_setbacks_total',
    'Steps that had to be made again: the network forgot a transaction (transaction_forgotten), lost its data (failed_to_seed), or was given another transaction in the place of one that it refused or that had waited too long (signed_anew).',
    { reason: ['transaction_forgotten', 'failed_to_seed', 'signed_anew'] },
  ),
  oversizedItems: counter(
    'oversized_data_items_total',
    'Items above MAX_BUNDLE_DATA_ITEMS_BYTE_COUNT that were set aside, each into a bundle of its own.',
  ),
  oversizedOutcomes: counter(
    'oversized_data_item_outcomes_total',
    'Bundles of oversized items that were posted, and that failed.',
    { outcome: ['posted', 'failed'] },
  ),
  itemsPermanent: counter('data_items_permanent_total', 'Items that became permanent.'),
  itemsFailed: counter('data_items_failed_total', 'Items that ended as failed.', {
    reason: ['too_many_failures', 'missing_from_object_store'],
  }),
  chunkPosts: counter('chunk_seed_post_total', 'Chunks posted, by result.', {
    result: ['accepted', 'refused', 'failed'],
  }),
  redriven: withLegacyNames(
    counter('bundle_redrives_total', 'Bundles that stood still and were put back to work.', {
      state: ['planned', 'prepared', 'posted'],
    }),
    { name: 'posted_bundle_redrive_total', labels: { result: { from: 'state', values: { posted: 'reenqueued' } } } },
  ),
  finalizationsRedriven: counter(
    'multipart_redrives_total',
    'Finalizations of multipart uploads that stood still and were put back to work.',
  ),
  stillRedriven: counter(
    'outbox_redrives_total',
    'Work other than bundles and finalizations that stood still and was put back, by its queue.',
    { queue: queueLabel },
  ),
};

/** What follows the acceptance of an item, beside its way to permanence. */
export const aftermathMetrics = {
  unbundled: counter(
    'unbundled_data_items_total',
    'Accepted items whose payload says that it is a bundle: unbundled, or why that was impossible.',
    { outcome: 'unbundled, missing_from_object_store, and the problems that a bundle can have' },
  ),
  nestedItems: counter(
    'nested_data_items_total',
    'Entries of bundles inside of accepted items: found, or why they are no items.',
    { outcome: 'found, and the problems that an entry of a bundle can have' },
  ),
  offsetsWritten: counter('nested_offsets_written_total', 'Places of nested items that can be looked up from now on.'),
  opticalPosts: counter(
    'optical_posts_total',
    'Posts to optical bridges by how they ended: taken, refused, or failed, which is tried again.',
    { bridge: 'the hosts of OPTICAL_BRIDGE_URLS', outcome: ['taken', 'refused', 'failed'] },
  ),
  opticalItems: counter('optical_items_total', 'Headers posted to optical bridges.', {
    bridge: 'the hosts of OPTICAL_BRIDGE_URLS',
    outcome: ['taken', 'refused'],
  }),
  opticalLost: counter('optical_lost_total', 'Groups of headers that an optical bridge will not get.', {
    bridge: 'the hosts of OPTICAL_BRIDGE_URLS',
    why: ['too_old', 'bytes_gone'],
  }),
  objectsDeleted: counter('objects_deleted_total', 'Objects deleted by the clean-up.', {
    reason: ['abandoned', 'spent', 'unknown', 'part'],
  }),
  rowsForgotten: counter('rows_forgotten_total', 'Rows deleted by the clean-up because they were old.', {
    table: ['nested_items', 'unbundlings'],
  }),
};
