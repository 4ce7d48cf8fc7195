import { type ConnectionLine, connectionBudget, isOverBudget, paymentConnectionBudget } from '../budget/connections.ts';
import { memoryBudget } from '../budget/memory.ts';
import type { SpecFieldName } from '../tree.ts';
import type { SpecRule } from './define.ts';

/** One machine brings its own services; a cluster has to be told. */
const backingServices: SpecRule = {
  name: 'backingServices',
  says: 'database.secretRef.name, redis.queue.host, redis.cache.host and arweave.walletSecretRef.name are required',
  check: (config) =>
    (
      [
        ['databaseSecretName', 'name the Secret with the connection URL of PostgreSQL'],
        ['redisQueueHost', 'name the Redis that holds the queues'],
        ['redisCacheHost', 'name the Redis that holds the cache'],
        ['walletSecretName', 'name the Secret with the wallet'],
      ] as const
    )
      .filter(([field]) => config[field] === '')
      .map(([field, wanted]) => ({ field, message: `is empty; ${wanted}` })),
};

/** Without a wallet the API would refuse all that it was told to take. On one machine the wallet comes with the machine. */
const rawWallet: SpecRule = {
  name: 'rawWallet',
  says: 'upload.rawData.enabled needs upload.rawData.walletSecretRef.name',
  check: ({ rawUploadsEnabled, rawWalletSecretName }) =>
    rawUploadsEnabled && rawWalletSecretName === ''
      ? [
          {
            field: 'rawWalletSecretName',
            message: 'is empty; name the Secret with the wallet that signs unsigned uploads, or leave enabled at false',
            because: ['rawUploadsEnabled'],
          },
        ]
      : [],
};

/** It has a database of its own, and nobody is let into it without a secret. */
const paymentSecret: SpecRule = {
  name: 'paymentSecret',
  says: 'payment.secretRef.name is required when payment.enabled',
  check: ({ paymentEnabled, paymentSecretName }) =>
    paymentEnabled && paymentSecretName === ''
      ? [
          {
            field: 'paymentSecretName',
            message: 'is empty; name the Secret with PAYMENT_DB_URL and PRIVATE_ROUTE_SECRET',
            because: ['paymentEnabled'],
          },
        ]
      : [],
};

/** A door that nobody has a key to would only look open. */
const adminKeys: SpecRule = {
  name: 'adminKeys',
  says: 'admin.keysSecretRef.name is required where admin.enabled is true',
  check: ({ adminEnabled, adminKeysSecretName }) =>
    adminEnabled && adminKeysSecretName === ''
      ? [
          {
            field: 'adminKeysSecretName',
            message: 'is empty; name the Secret with the digests of the keys that open the admin service',
            because: ['adminEnabled'],
          },
        ]
      : [],
};

/** PostgreSQL refuses connections above its limit, and not those of whoever has too many. */
const connections: SpecRule = {
  name: 'connectionBudget',
  says: "the connections that all pods could hold, one surge pod a Deployment included, must fit into the server's",
  check: (config) => {
    const budget = connectionBudget(config);
    if (!isOverBudget(budget)) return [];
    const { available, possible, lines, reserved } = budget;
    const sum = inWords(lines);
    const because: SpecFieldName[] = ['databaseReservedConnections', 'databasePoolMax', 'uploadMaxReplicas'];
    const message = `leaves ${available} connections (${reserved} are reserved), but the pods could hold ${possible}: ${sum}; lower a pool or a replica count, or raise it`;
    return [{ field: 'databaseMaxConnections', message, because }];
  },
};

/** Its database may share a server with others, or have one that is small. */
const paymentConnections: SpecRule = {
  name: 'paymentConnectionBudget',
  says: "the connections that the payment service's pods could hold, a surge pod included, must fit into payment.database.maxConnections where that is set",
  check: (config) => {
    const budget = paymentConnectionBudget(config);
    if (!budget || !isOverBudget(budget)) return [];
    const because: SpecFieldName[] = ['paymentDatabasePoolMax', 'paymentReplicas'];
    const message = `is ${budget.available}, but the pods could hold ${budget.possible}: ${inWords(budget.lines)}; lower the pool or the replicas, or raise it`;
    return [{ field: 'paymentDatabaseMaxConnections', message, because }];
  },
};

const inWords = (lines: readonly ConnectionLine[]): string =>
  lines.map(({ component, pods, pool }) => `${component} ${pods} x ${pool}`).join(', ');

/** A worker above its limit is killed in the middle of its jobs. */
const workerMemory: SpecRule = {
  name: 'workerMemory',
  says: 'the jobs that a worker runs at once, and the process itself, must fit into its memory limit',
  check: (config) =>
    memoryBudget(config)
      .filter(({ needed, limit }) => needed > limit)
      .map(({ field, needed, limit, jobs, because }) => ({
        field,
        because,
        message: `is ${megabytes(limit)}, but ${jobs} jobs at once and the process itself may need ${megabytes(needed)}; raise it or lower the concurrency`,
      })),
};

const megabytes = (bytes: number): string => `${Math.round(bytes / 1e6)} MB`;

export const clusterRules = [
  backingServices,
  rawWallet,
  paymentSecret,
  adminKeys,
  connections,
  paymentConnections,
  workerMemory,
] as const satisfies readonly SpecRule[];
