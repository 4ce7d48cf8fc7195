import { type QueueDefinition, queues } from '@bundler/contract';
import { page, table } from './markdown.ts';
import type { Printer } from './printer.ts';

const introduction = `How the parts of the platform hang together. The drawing of the queues is printed from their declarations, as
[their reference](reference/queues.md) is.`;

const overview = `\`\`\`mermaid
flowchart LR
  client([clients]) -- HTTP --> upload[upload API]
  upload -- 1 bytes --> store[(object store)]
  upload -- 2 rows --> postgres[(PostgreSQL)]
  upload -- 3 receipt --> client
  upload -. wakes .-> redis[(queue Redis)]
  redis -. jobs .-> workers[workers, one Deployment a queue]
  workers --- postgres
  workers --- store
  workers -- transactions and chunks --> gateway([Arweave gateway])
  upload -- price, reserve --> payment[payment service]
  workers -- capture, refund --> payment
  payment --- paymentdb[(its own PostgreSQL)]
  upload --- cache[(cache Redis)]
  workers --- cache
  config([BundlerConfig]) --> operator[operator]
  operator -- server-side apply --> upload
  operator -- server-side apply --> workers
  keda[KEDA] -- replicas --> workers
\`\`\``;

const parts: readonly (readonly [string, string, string])[] = [
  ['upload API', '`services/upload`', 'Takes items over HTTP, verifies them, makes them durable, and signs receipts.'],
  [
    'workers',
    '`services/workers`',
    'One stage a queue. Each looks at the state of its work itself, so a job may run twice.',
  ],
  ['payment service', '`services/payment`', 'Prices, balances and reservations, in a database of its own.'],
  [
    'operator',
    '`operator`',
    'Renders a BundlerConfig into objects, rolls them out in waves, and takes back what fails.',
  ],
  ['PostgreSQL', '`services/adapters/src/db`', 'Says what is to be done. Nothing else does.'],
  [
    'object store',
    '`services/adapters/src/object-store`',
    'S3 or a directory. Bytes are there before a row points at them.',
  ],
  [
    'queue Redis',
    '`services/adapters/src/queue`',
    'Wakes workers. It may be flushed: `redrive` finds in PostgreSQL what was lost.',
  ],
  [
    'cache Redis',
    '`services/adapters/src/cache`',
    'Cached items, rate limits, marks of uploads under way. It may be lost as well.',
  ],
];

const promises = `## Why nothing is lost

1. The bytes of an item are in the object store and synced.
2. Its row is in PostgreSQL and committed.
3. Only then does the receipt leave.

From there on the row has a state, and each stage moves it on in one transaction. A stage that is killed is repeated. A job that
is lost is added again by \`redrive\`. A bundle that the network forgets is given up and its items are packed again.

The small items that arrive within a few milliseconds are one object and one INSERT, so that the number of connections does not
grow with the number of uploads. Bundles are never put together: a bundle is a list of places in objects. \`prepare\` hashes it
in one pass and \`seed\` streams its chunks from where the uploads left them.

## Where a setting comes from

    services/contract/src/settings
      → .env.sample · docs/reference/settings.md · the schema of the CRD
      → BundlerConfig.spec → operator/src/render → environment of the pods (a change replaces them)
                                                 → ConfigMap NAME-live (a change reaches them as they run)

On one machine \`standalone.yaml\` is that BundlerConfig. The same renderer makes processes of it instead of pods.

## Decisions

[\`docs/adr\`](adr) holds them, one a file. Those to read first: [one row an item](adr/0002-one-row-an-item.md),
[schedules are claimed](adr/0003-schedules-are-claimed.md), [live settings](adr/0005-live-settings-are-polled.md),
[rollouts](adr/0006-rollouts-are-written-down.md), [oversized items](adr/0017-oversized-items-have-a-lane.md).`;

/** The page that shows how the parts hang together. */
export const architecturePage: Printer = {
  path: 'docs/architecture.md',
  print: () =>
    page('scripts/printers/architecture-page.ts', 'Architecture', introduction, [
      overview,
      table(['Part', 'Where', 'What it does'], parts),
      '## The queues',
      'An arrow says: a job of the one adds jobs of the other. Round ends are started by a schedule. `redrive`, which may add jobs of any queue, and `cleanup`, which adds none, stand beside them.',
      `\`\`\`mermaid\n${queueDiagram()}\n\`\`\``,
      promises,
    ]),
};

/** Queues that look after all others: their arrows would hide the way that an item takes. */
const BESIDE = ['redrive', 'cleanup'];

/** The queues as a Mermaid flowchart. @throws when a queue feeds one that does not exist */
export function queueDiagram(all: Readonly<Record<string, QueueDefinition<never>>> = queues): string {
  const shown = Object.entries(all).filter(([key]) => !BESIDE.includes(key));
  const nodes = shown.map(([key, { name, scheduled }]) => `  ${key}${scheduled ? `([${name}])` : `[${name}]`}`);
  const arrows = shown.flatMap(([key, { feeds }]) =>
    feeds.map((next) => {
      if (!all[next]) throw new Error(`queue ${key} feeds "${next}", but there is no such queue`);
      return `  ${key} --> ${next}`;
    }),
  );
  const doors = ['  upload{{upload API}} --> newDataItem', '  upload --> finalizeUpload'];
  const chain = ['  seed -. seeded .-> verify', '  verify -. confirmed .-> permanent((permanent))'];
  return ['flowchart LR', ...nodes, ...doors, ...arrows, ...chain].join('\n');
}
