import { type Static, Type } from 'typebox';

/** `off`: this platform has none. `unknown`: nobody can say, because what would tell is down itself. */
const State = Type.Enum(['up', 'down', 'unknown', 'off'], { type: 'string' });
export type PartState = Static<typeof State>;

/** What the platform consists of, as `GET /status` tells everybody. */
const Parts = Type.Object({
  database: State,
  objectStore: State,
  queues: State,
  cache: State,
  workers: State,
  gateway: State,
  payment: State,
});
export type PlatformPart = keyof Static<typeof Parts>;

const Nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) => Type.Union([schema, Type.Null()]);
const Count = Type.Integer({ minimum: 0 });
const Age = (description: string) => Type.Number({ minimum: 0, description: `${description}, seconds.` });

export const PlatformStatus = Type.Object(
  {
    status: Type.Enum(['ok', 'degraded', 'down'], {
      type: 'string',
      description: '`down`: uploads are not accepted. `degraded`: they are, and what follows may take longer.',
    }),
    version: Type.String(),
    checkedAt: Type.Integer({ description: 'Unix milliseconds.' }),
    parts: Parts,
    queues: Nullable(
      Type.Array(
        Type.Object({
          queue: Type.String(),
          waiting: Count,
          active: Count,
          failed: Type.Integer({ minimum: 0, description: 'Jobs whose last try failed, of those that are kept.' }),
          oldestJobAge: Nullable(Age('Of the job that has waited longest')),
          workers: Nullable(Type.Integer({ minimum: 0, description: 'Workers that are connected.' })),
        }),
      ),
    ),
    oldestItemAge: Nullable(Age('Of the accepted item that has waited longest for a bundle')),
    lastBundle: Nullable(
      Type.Object({
        state: Type.Enum(['planned', 'prepared', 'posted', 'seeded', 'permanent', 'failed'], { type: 'string' }),
        id: Nullable(Type.String({ description: 'Its transaction, once that is signed.' })),
        itemCount: Count,
        byteCount: Count,
        age: Age('Since it was packed'),
      }),
    ),
  },
  { $id: 'PlatformStatus' },
);
export type PlatformStatus = Static<typeof PlatformStatus>;
