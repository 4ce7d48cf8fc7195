import { parseArgs } from 'node:util';
import {
  ArweaveGateway,
  Blocklist,
  BullProducer,
  Bundles,
  ChainTip,
  cachedReader,
  DataItems,
  loadWallet,
  MultipartUploads,
  NestedItems,
  ObjectCache,
  OpticalBridges,
  OpticalDeliveries,
  openDatabase,
  openObjectStore,
  openPayment,
  Planning,
  type ReadRange,
  readPipelineFigures,
  Schedules,
  Segments,
  Settlements,
  startConsumer,
  Unbundlings,
} from '@bundler/adapters';
import { anyOf, OwnerList } from '@bundler/ans104';
import { cachesObjects, queues, redisCacheAddress, redisQueueAddress, workerPoolSize } from '@bundler/contract';
import { openProcess, openTracing, runUntilSignalled, Scheduler, startAdminServer } from '@bundler/runtime';
import { exportBalance, exportOutbox, exportPipeline } from './figures.ts';
import { jobsAtOnce, parseQueues, withinPool } from './queues.ts';
import { schedulesFor } from './schedules.ts';
import { stages } from './stages/index.ts';

const { values } = parseArgs({ options: { queues: { type: 'string', default: 'all' } } });
const served = parseQueues(values.queues);
const { live, config, logger, metrics, lifecycle } = await openProcess('workers', process.env);
// The first to be opened and so the last to close: what happens while the others stop is sent too.
const tracing = lifecycle.add('tracing', openTracing('workers', config, logger), async (opened) => opened?.close());

const wallet = await loadWallet(config.arweaveWalletFile);
// A worker that idles holds no connection.
const pool = {
  name: 'bundler-workers',
  queryTimeoutMs: 60_000,
  min: 0,
  max: config.databaseWorkerPoolMax || workerPoolSize(served, config),
};
live.follow({ logger, metrics, restrict: withinPool(served, pool.max) });
live.onChange(() => {
  logger.level = config.logLevel;
});
const database = lifecycle.add('database', openDatabase(config, pool, logger, metrics), (db) => db.close());
const store = lifecycle.add('object store', openObjectStore(config, metrics), (opened) => opened.close());
const queueUrl = redisQueueAddress(config);
const jobs = lifecycle.add('queues', new BullProducer(queueUrl, logger, tracing), (producer) => producer.close());

// Its caps are live, so it is there even while they turn it off.
const cache =
  config.objectStoreDriver === 's3' ? new ObjectCache(redisCacheAddress(config), config, logger, metrics) : undefined;
if (cache) lifecycle.add('cache', cache, (opened) => opened.close());
function throughCache(stored: ReadRange): ReadRange {
  const cached = cache && cachedReader(stored, cache);
  return (key, start, end) => (cached && cachesObjects(config) ? cached(key, start, end) : stored(key, start, end));
}
const read = throughCache((key, start, end) => store.read(key, start, end));
const readTransient = throughCache((key, start, end) => store.readTransient(key, start, end));

const { payment, settlement, sharing } = lifecycle.add(
  'payment',
  openPayment(config, logger, metrics, { tracing }),
  (opened) => opened.close(),
);
const bridges = lifecycle.add(
  'optical bridges',
  new OpticalBridges(config, wallet.publicKey, logger, metrics),
  async (opened) => opened.close(),
);
const blocklist = lifecycle.add(
  'blocklist',
  await Blocklist.open({ path: config.blockedAddressesFile, logger, metrics }),
  (list) => list.close(),
);
const bundles = new Bundles(database.writer);
const context = {
  config,
  bundles,
  planning: new Planning(database.writer),
  segments: new Segments(database.writer),
  uploads: new MultipartUploads(database.writer),
  items: new DataItems(database),
  unbundlings: new Unbundlings(database.writer),
  nestedItems: new NestedItems(database),
  deliveries: new OpticalDeliveries(database.writer),
  bridges,
  tip: new ChainTip(database.writer),
  payment,
  settlement,
  sharing,
  settlements: new Settlements(database.writer),
  blockedOwners: anyOf(new OwnerList(() => config.blockedAddresses), new OwnerList(() => blocklist.entries)),
  store,
  cache,
  read,
  readTransient,
  network: new ArweaveGateway({
    url: config.arweaveGateway,
    timeoutMs: config.arweaveRequestTimeout,
    tries: config.arweaveRequestTries,
    metrics,
  }),
  wallet,
  jobs,
  logger,
  metrics,
  tracing,
  now: Date.now,
};

// One queue's workers, of which there is one where each queue has its own: the figures are the same everywhere.
if (served.includes('redrive')) {
  exportPipeline(() => readPipelineFigures(database.reader), metrics);
  exportBalance(context.network, wallet.address, metrics);
  exportOutbox(context.settlements, metrics);
} else {
  metrics.itemsUnaccounted.remove({});
}

const consumers = served.map((name) =>
  startConsumer(name, stages[name](context) as never, {
    url: queueUrl,
    concurrency: jobsAtOnce(name, config),
    logger,
    metrics,
    tracing,
  }),
);
lifecycle.add('consumers', consumers, (running) =>
  Promise.all(running.map((consumer) => consumer.close(config.shutdownDrain))),
);
live.onChange(() => {
  for (const [index, name] of served.entries()) {
    consumers[index]?.setConcurrency(jobsAtOnce(name, config));
    metrics.workerConcurrency.set({ queue: queues[name].name }, jobsAtOnce(name, config));
  }
});
const schedules = new Schedules(database.writer);
const scheduler = lifecycle.add(
  'schedules',
  new Scheduler(schedulesFor(context, served), schedules, logger),
  (ticking) => ticking.stop(),
);
live.onChange(() => scheduler.start());
// The first to end: nothing is set going again while the process stops.
lifecycle.add('live settings', live, (following) => following.stop());

let draining = false;
const adminServer = await startAdminServer({
  host: config.bindAddress,
  port: config.adminPort,
  registry: metrics.registry,
  settings: () => live.report(),
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
