import { parseArgs } from 'node:util';
import {
  ArweaveGateway,
  BullProducer,
  Bundles,
  cachedReader,
  loadWallet,
  ObjectCache,
  openDatabase,
  openObjectStore,
  Planning,
  type ReadRange,
  Schedules,
  Segments,
  startConsumer,
} from '@bundler/adapters';
import { cachesObjects, redisCacheAddress, redisQueueAddress } from '@bundler/contract';
import {
  createLogger,
  createMetrics,
  Lifecycle,
  loadConfig,
  runUntilSignalled,
  startAdminServer,
} from '@bundler/runtime';
import { concurrencyOf, parseQueues } from './queues.ts';
import { Scheduler } from './schedule/scheduler.ts';
import { stages } from './stages/index.ts';

const { values } = parseArgs({ options: { queues: { type: 'string', default: 'all' } } });
const served = parseQueues(values.queues);
const config = loadConfig('workers', process.env);
const logger = createLogger('workers', config.logLevel);
const metrics = createMetrics({ processMetrics: true });
const lifecycle = new Lifecycle(logger);

const wallet = await loadWallet(config.arweaveWalletFile);
// One connection a running job and one for the schedules; a worker that idles holds none.
const jobsAtOnce = served.reduce((sum, name) => sum + concurrencyOf(name, config), 0);
const pool = {
  name: 'bundler-workers',
  queryTimeoutMs: 60_000,
  min: 0,
  max: Math.min(config.databasePoolMax, jobsAtOnce + 1),
};
const database = lifecycle.add('database', openDatabase(config, pool, logger, metrics), (db) => db.close());
const store = lifecycle.add('object store', openObjectStore(config), (opened) => opened.close());
const queueUrl = redisQueueAddress(config);
const jobs = lifecycle.add('queues', new BullProducer(queueUrl, logger), (producer) => producer.close());

const cache = cachesObjects(config)
  ? new ObjectCache({ ...config, redisCacheUrl: redisCacheAddress(config) }, logger, metrics)
  : undefined;
if (cache) lifecycle.add('cache', cache, (opened) => opened.close());
const read: ReadRange = cache ? cachedReader(store, cache) : (key, start, end) => store.read(key, start, end);

const bundles = new Bundles(database.writer);
const context = {
  config,
  bundles,
  planning: new Planning(database.writer),
  segments: new Segments(database.writer),
  store,
  cache,
  read,
  network: new ArweaveGateway({
    url: config.arweaveGateway,
    timeoutMs: config.arweaveRequestTimeout,
    tries: config.arweaveRequestTries,
  }),
  wallet,
  jobs,
  logger,
  metrics,
  now: Date.now,
};

const consumers = served.map((name) =>
  startConsumer(name, stages[name](context) as never, {
    url: queueUrl,
    concurrency: concurrencyOf(name, config),
    logger,
    metrics,
  }),
);
lifecycle.add('consumers', consumers, (running) =>
  Promise.all(running.map((consumer) => consumer.close(config.shutdownDrain))),
);
const schedules = new Schedules(database.writer);
const scheduler = lifecycle.add('schedules', new Scheduler({ ...context, schedules }, served), (ticking) =>
  ticking.stop(),
);
scheduler.start();

let draining = false;
const adminServer = await startAdminServer({
  host: config.bindAddress,
  port: config.adminPort,
  registry: metrics.registry,
  health: {
    dependencies: [
      { name: 'postgres', check: () => database.check() },
      { name: 'object store', check: () => store.check() },
    ],
    draining: () => draining,
  },
});
logger.info({ queues: served, adminPort: config.adminPort }, 'workers are running');

runUntilSignalled(logger, async () => {
  draining = true;
  await lifecycle.stop(config.shutdownDrain + 5000);
  await adminServer.close();
});
