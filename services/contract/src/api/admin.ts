import { type Static, Type } from 'typebox';
import { queues } from '../queues/index.ts';

/** The header that carries a key of the admin service: on its way through the API server of Kubernetes `Authorization` is lost. */
export const ADMIN_KEY_HEADER = 'x-bundler-admin-key';
/** Where its routes are. */
export const ADMIN_PREFIX = '/admin/v1';

/** Where the admin service shows the queues in a browser. */
export const BOARD_PREFIX = '/board';

const Nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) => Type.Union([schema, Type.Null()]);
const Id = Type.String({ description: '32 bytes, base64url.' });
const Uuid = Type.String({ format: 'uuid' });
const Count = Type.Integer({ minimum: 0 });
const Moment = Type.Integer({ description: 'Unix milliseconds.' });

export const QueueParams = Type.Object({
  queue: Type.Enum(
    Object.values(queues).map(({ name }) => name),
    { type: 'string' },
  ),
});
export const AdminIdParams = Type.Object({
  id: Type.String({ pattern: '^([A-Za-z0-9_-]{43}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$' }),
});
export const LimitQuery = Type.Object({ limit: Type.Integer({ minimum: 1, maximum: 1000, default: 20 }) });
export const BundlesQuery = Type.Object({
  state: Type.Optional(
    Type.Enum(['planned', 'prepared', 'posted', 'seeded', 'permanent', 'failed'], { type: 'string' }),
  ),
  before: Type.Optional(Uuid),
  limit: Type.Integer({ minimum: 1, maximum: 1000, default: 20 }),
});

export const AdminQueue = Type.Object({
  queue: Type.String(),
  waiting: Count,
  active: Count,
  delayed: Count,
  failed: Type.Integer({ minimum: 0, description: 'Jobs whose last try failed, of those that are kept.' }),
  workers: Nullable(Type.Integer({ minimum: 0, description: 'Workers that are connected; null when nobody can say.' })),
  oldestAt: Nullable(Moment),
});
export type AdminQueue = Static<typeof AdminQueue>;

export const AdminJob = Type.Object({
  queue: Type.String(),
  id: Type.String(),
  state: Type.String(),
  payload: Type.Unknown(),
  attempts: Count,
  failedReason: Nullable(Type.String()),
  addedAt: Moment,
  startedAt: Nullable(Moment),
  endedAt: Nullable(Moment),
});
export type AdminJob = Static<typeof AdminJob>;

export const AdminQueueDetail = Type.Object(
  {
    queue: AdminQueue,
    doc: Type.String(),
    failed: Type.Array(AdminJob, { description: 'The latest.' }),
    active: Type.Array(AdminJob),
    waiting: Type.Array(AdminJob, { description: 'The oldest.' }),
  },
  { $id: 'AdminQueueDetail' },
);
export type AdminQueueDetail = Static<typeof AdminQueueDetail>;

export const RetryBody = Type.Object({
  jobs: Type.Optional(Type.Array(Type.String(), { maxItems: 1000, description: 'Only these; all when absent.' })),
});
export const RetryAnswer = Type.Object({ retried: Count }, { $id: 'RetryAnswer' });
export type RetryAnswer = Static<typeof RetryAnswer>;
export const DrainAnswer = Type.Object({ removed: Count }, { $id: 'DrainAnswer' });
export type DrainAnswer = Static<typeof DrainAnswer>;

export const AdminBundle = Type.Object({
  id: Uuid,
  state: Type.String(),
  featureType: Type.String(),
  oversized: Type.Boolean(),
  itemCount: Count,
  byteCount: Count,
  txId: Nullable(Id),
  signedHeight: Nullable(Type.Integer()),
  seededChunks: Count,
  blockHeight: Nullable(Type.Integer()),
  failedReason: Nullable(Type.String()),
  createdAt: Moment,
  movedAt: Moment,
  checkedAt: Moment,
});
export type AdminBundle = Static<typeof AdminBundle>;

export const AdminBundleDetail = Type.Object(
  { bundle: AdminBundle, items: Type.Array(Id, { description: 'The first of them.' }), jobs: Type.Array(AdminJob) },
  { $id: 'AdminBundleDetail' },
);
export type AdminBundleDetail = Static<typeof AdminBundleDetail>;

export const AdminTrace = Type.Object(
  {
    id: Type.String(),
    state: Type.String({
      description: 'Where it is: waiting, a state of its bundle, failed, nested, or that of an upload.',
    }),
    item: Nullable(
      Type.Object({
        ownerAddress: Type.String(),
        signatureType: Type.Integer(),
        featureType: Type.String(),
        byteCount: Count,
        contentType: Nullable(Type.String()),
        winc: Type.String({ description: 'What was charged.' }),
        deadlineHeight: Type.Integer(),
        failedBundles: Type.Integer({ minimum: 0, description: 'Bundles that failed with it.' }),
        failedReason: Nullable(Type.String()),
        segmentId: Uuid,
        segmentOffset: Count,
        objectKey: Nullable(Type.String()),
        bundleOffset: Nullable(Count),
      }),
    ),
    bundle: Nullable(AdminBundle),
    upload: Nullable(
      Type.Object({
        id: Uuid,
        state: Type.String(),
        parts: Count,
        itemId: Nullable(Id),
        failedReason: Nullable(Type.String()),
      }),
    ),
    unbundling: Nullable(
      Type.Object({ state: Type.String(), items: Nullable(Count), failedReason: Nullable(Type.String()) }),
    ),
    nested: Type.Array(Type.Object({ rootItemId: Id, parentId: Id, startInRoot: Count }), {
      description: 'Where it is inside of accepted items.',
    }),
    opticalBacklog: Type.Array(Type.String({ description: 'Host of a bridge.' }), {
      description: 'Optical bridges that have not got its header yet.',
    }),
    jobs: Type.Array(AdminJob),
    events: Type.Array(Type.Object({ at: Moment, what: Type.String() }), { description: 'In the order of time.' }),
    nextSteps: Type.Array(Type.String()),
  },
  { $id: 'AdminTrace' },
);
export type AdminTrace = Static<typeof AdminTrace>;

export const AdminSnapshot = Type.Object(
  {
    takenAt: Moment,
    version: Type.String(),
    node: Type.String(),
    queues: Nullable(Type.Array(AdminQueue)),
    failedJobs: Nullable(Type.Array(AdminJob)),
    openBundles: Nullable(Type.Record(Type.String(), Count)),
    newestBundles: Nullable(Type.Array(AdminBundle)),
    oldestWaitingAt: Nullable(Moment),
    problems: Type.Array(Type.String(), { description: 'What could not be asked.' }),
  },
  { $id: 'AdminSnapshot' },
);
export type AdminSnapshot = Static<typeof AdminSnapshot>;
