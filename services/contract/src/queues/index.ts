import { type Static, Type } from 'typebox';
import { defineQueue, type QueueDefinition } from './define.ts';

export { envName, kebabName, type QueueDefinition } from './define.ts';

const MB = 1_000_000;
const Nothing = Type.Object({});
const OneSegment = Type.Object({
  segmentId: Type.String({ format: 'uuid' }),
  bundles: Type.Optional(Type.Boolean({ description: 'Whether some of its items carry bundles.' })),
  paid: Type.Optional(Type.Boolean({ description: 'Whether some of its items were paid for.' })),
});
const OneBundle = Type.Object({ bundleId: Type.String({ format: 'uuid' }) });
type BundlePayload = Static<typeof OneBundle>;
const ItemId = Type.String({ description: 'base64url' });
const OneItem = Type.Object({ itemId: ItemId });
const OneBatch = Type.Object({ itemId: ItemId, batch: Type.Integer({ minimum: 0 }) });
const OneBridge = Type.Object({ bridge: Type.String({ description: 'Its URL.' }) });
const OneUpload = Type.Object({ uploadId: Type.String({ format: 'uuid' }) });

/** What most jobs that somebody adds have in common. */
const work = {
  attempts: 5,
  backoffMs: 2000,
  lockMs: 15_000,
  scheduled: false,
  singleton: false,
};

/** What the jobs that carry one bundle through the pipeline have in common. */
const bundleStage = {
  ...work,
  payload: OneBundle,
  jobId: (payload: BundlePayload) => payload.bundleId,
};

/** Housekeeping that a schedule starts: one at a time, and the next tick is its retry. */
const housekeeping = {
  payload: Nothing,
  attempts: 1,
  backoffMs: 1000,
  lockMs: 15_000,
  concurrency: 1,
  scheduled: true,
  singleton: true,
  maxReplicas: 1,
  maxDepth: 10,
};

/** Every queue, in the order in which an item meets them. */
export const queues = {
  finalizeUpload: defineQueue<Static<typeof OneUpload>>({
    ...work,
    name: 'finalizeUpload',
    doc: 'Reads the parts of a multipart upload once, in order, verifies the data item they make, and accepts it.',
    feeds: ['newDataItem'],
    payload: OneUpload,
    jobId: (payload) => payload.uploadId,
    concurrency: 3,
    maxReplicas: 3,
    memoryPerJob: 20 * MB,
    maxDepth: 50,
  }),
  newDataItem: defineQueue<Static<typeof OneSegment>>({
    ...work,
    name: 'newDataItem',
    doc: 'What follows the acceptance of a group of items: their bytes go into the cache, where there is one, and those that carry bundles to unbundle-bdi; optical bridges and the payment service are told.',
    feeds: ['unbundleBdi', 'opticalPost'],
    payload: OneSegment,
    jobId: (payload) => payload.segmentId,
    attempts: 3,
    backoffMs: 1000,
    concurrency: 5,
    maxReplicas: 2,
    memoryPerJob: 8 * MB,
    maxDepth: 100,
  }),
  unbundleBdi: defineQueue<Static<typeof OneItem>>({
    ...work,
    name: 'unbundle-bdi',
    doc: 'Finds the items in the bundle that an accepted item carries, and in bundles in it.',
    feeds: ['putOffsets', 'opticalPost'],
    payload: OneItem,
    jobId: (payload) => payload.itemId,
    concurrency: 2,
    maxReplicas: 2,
    memoryPerJob: 30 * MB,
    maxDepth: 100,
  }),
  putOffsets: defineQueue<Static<typeof OneBatch>>({
    ...work,
    name: 'put-offsets',
    doc: 'Writes where nested items are, a batch at a time, so that they can be looked up.',
    feeds: ['opticalPost'],
    payload: OneBatch,
    jobId: (payload) => `${payload.itemId}-${payload.batch}`,
    concurrency: 1,
    maxReplicas: 2,
    memoryPerJob: 5 * MB,
    maxDepth: 500,
  }),
  opticalPost: defineQueue<Static<typeof OneBridge>>({
    ...work,
    name: 'optical-post',
    doc: 'Posts to one optical bridge the headers that it has not got yet.',
    feeds: [],
    payload: OneBridge,
    jobId: (payload) => payload.bridge,
    runsAgain: true,
    attempts: 6,
    backoffMs: 5000,
    concurrency: 3,
    maxReplicas: 2,
    memoryPerJob: 10 * MB,
    maxDepth: 20,
  }),
  plan: defineQueue<{ trigger: string }>({
    name: 'plan',
    doc: 'Packs waiting items into bundles: full ones at once, the rest when an item is overdue.',
    feeds: ['prepare', 'oversizedDataItem', 'plan'],
    payload: Type.Object({ trigger: Type.String() }),
    jobId: (payload) => `plan-${payload.trigger}`,
    attempts: 1,
    backoffMs: 1000,
    lockMs: 15_000,
    concurrency: 5,
    scheduled: true,
    singleton: false,
    maxReplicas: 2,
    memoryPerJob: 50 * MB,
    maxDepth: 10,
  }),
  prepare: defineQueue<BundlePayload>({
    ...bundleStage,
    name: 'prepare',
    doc: 'Streams the items of a bundle once, computes its chunk tree and signs its transaction.',
    feeds: ['post', 'refundBalance'],
    concurrency: 3,
    maxReplicas: 3,
    memoryPerJob: 50 * MB,
    maxDepth: 50,
  }),
  post: defineQueue<BundlePayload>({
    ...bundleStage,
    name: 'post',
    doc: 'Posts the transaction of a bundle to Arweave.',
    feeds: ['seed', 'refundBalance'],
    concurrency: 2,
    maxReplicas: 2,
    memoryPerJob: 10 * MB,
    maxDepth: 50,
  }),
  seed: defineQueue<BundlePayload>({
    ...bundleStage,
    name: 'seed',
    doc: 'Posts the chunks of a bundle with their proofs, from where an earlier try stopped.',
    feeds: ['post', 'refundBalance'],
    concurrency: 2,
    maxReplicas: 3,
    memoryPerJob: 50 * MB,
    maxDepth: 50,
  }),
  oversizedDataItem: defineQueue<BundlePayload>({
    ...bundleStage,
    name: 'oversized-data-item',
    doc: 'Does the work of prepare, post and seed for an item that is larger than a bundle and travels alone, one after another.',
    feeds: ['refundBalance'],
    concurrency: 1,
    maxReplicas: 2,
    // Measured with 3 and 6 GiB; most of it are bodies of chunks that wait for the garbage collector.
    memoryPerJob: 250 * MB,
    maxDepth: 10,
  }),
  verify: defineQueue<BundlePayload>({
    ...bundleStage,
    name: 'verify',
    doc: 'Reads the confirmations of a bundle: permanent, still waiting, or dropped and packed again.',
    feeds: ['seed', 'oversizedDataItem', 'refundBalance'],
    attempts: 1,
    concurrency: 3,
    scheduled: true,
    maxReplicas: 2,
    memoryPerJob: 10 * MB,
    maxDepth: 200,
  }),
  refundBalance: defineQueue<Record<string, never>>({
    ...work,
    name: 'refund-balance',
    doc: 'Tells the payment service which items that were paid for ended as failed, until it knows of all.',
    feeds: [],
    payload: Nothing,
    jobId: () => 'refund-balance',
    runsAgain: true,
    concurrency: 1,
    maxReplicas: 1,
    memoryPerJob: 5 * MB,
    maxDepth: 10,
  }),
  redrive: defineQueue<Record<string, never>>({
    ...housekeeping,
    name: 'redrive',
    doc: 'Puts everything that stands still back to work, whatever lost its job: bundles, finalizations, nested bundles, optical posts, captures and refunds. Settles reservations that nobody else has.',
    feeds: [
      'finalizeUpload',
      'newDataItem',
      'unbundleBdi',
      'putOffsets',
      'opticalPost',
      'prepare',
      'post',
      'seed',
      'oversizedDataItem',
      'refundBalance',
    ],
    jobId: () => 'redrive',
    memoryPerJob: 10 * MB,
  }),
  cleanup: defineQueue<Record<string, never>>({
    ...housekeeping,
    name: 'cleanup',
    doc: 'Deletes objects whose last item is permanent, objects that no row ever pointed at, expired multipart uploads, and rows that are too old to be of use.',
    feeds: [],
    jobId: () => 'cleanup',
    memoryPerJob: 10 * MB,
  }),
} as const satisfies Record<string, QueueDefinition<never>>;

export type Queues = typeof queues;
export type QueueName = keyof Queues;
export type PayloadOf<Name extends QueueName> = Parameters<Queues[Name]['jobId']>[0];
export const queueNames = Object.keys(queues) as QueueName[];
