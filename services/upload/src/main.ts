import { availableParallelism } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  ArweaveGateway,
  Blocklist,
  BullProducer,
  ChainTip,
  checkPaymentService,
  DataItems,
  freeOnlyPayment,
  isDatabaseUnavailable,
  type JobProducer,
  loadWallet,
  MultipartUploads,
  NestedItems,
  openDatabase,
  openObjectStore,
  openPayment,
  ProgressBoard,
  QueueInspector,
  RedisInFlightMarks,
  RedisProbe,
  RedisRateLimiter,
  Settlements,
  viewPipeline,
} from '@bundler/adapters';
import { anyOf, closeSignatureThread, OwnerList } from '@bundler/ans104';
import { cachesObjects, redisCacheAddress, redisQueueAddress } from '@bundler/contract';
import {
  drainServer,
  favourEventLoop,
  letHeapGrow,
  loadApiKeys,
  openProcess,
  openTracing,
  RateLimits,
  runUntilSignalled,
  SharedAnswer,
  startAdminServer,
  watchTimeouts,
} from '@bundler/runtime';
import { ClientTokens, loadTokenSecrets } from './admission/client-tokens.ts';
import { FreeQuota } from './admission/free-quota.ts';
import { buildApp } from './app.ts';
import { exportQueues, exportRedis } from './figures.ts';
import { CommitGroups } from './ingest/commit-groups.ts';
import { HeightKeeper } from './ingest/height.ts';
import { InFlight, WAIT_MS } from './ingest/in-flight.ts';
import { MarkedUploads } from './ingest/marked-uploads.ts';
import { multipartUse, Turns } from './ingest/multipart/index.ts';
import { QueuePatience } from './ingest/queue-patience.ts';
import { rawSigner } from './ingest/raw/raw-signer.ts';
import { receiveRaw } from './ingest/raw/receive-raw.ts';
import { measureSigningRate, ReceiptSigner } from './ingest/receipt-signer.ts';
import { type Received, receiveItem } from './ingest/receive-item.ts';
import { X402Uploads } from './ingest/x402/x402-uploads.ts';
import { lookAt } from './platform-status/look.ts';
import { summarize } from './platform-status/summary.ts';
import { ProgressHub } from './progress/hub.ts';
import { UploadReports } from './progress/reports.ts';
import { acceptedItems, uploadsInParts, uploadsUnderWay } from './progress/sources.ts';
import { STATUS_TTL_SECONDS } from './routes/platform-status.ts';
import { setTimeouts } from './server.ts';
import { serviceInfo } from './service-info.ts';

letHeapGrow();
const { live, config, logger, metrics, lifecycle } = await openProcess('upload', process.env);
// The first to be opened and so the last to close: what happens while the others stop is sent too.
const tracing = lifecycle.add('tracing', openTracing('upload', config, logger), async (opened) => opened?.close());
live.follow({ logger, metrics });

const wallet = await loadWallet(config.arweaveWalletFile);
const pool = {
  name: 'bundler-upload',
  queryTimeoutMs: 10_000,
  min: config.databasePoolMin,
  max: config.databasePoolMax,
};
const database = lifecycle.add('database', openDatabase(config, pool, logger, metrics), (db) => db.close());
const store = lifecycle.add('object store', openObjectStore(config, metrics), (opened) => opened.close());
const jobs = lifecycle.add('queues', new BullProducer(redisQueueAddress(config), logger, tracing), (producer) =>
  producer.close(),
);
const board = lifecycle.add('progress board', new ProgressBoard(redisCacheAddress(config), logger), (opened) =>
  opened.close(),
);
const limiter = lifecycle.add(
  'rate limits',
  new RedisRateLimiter(redisCacheAddress(config), logger, () => performance.now(), config.rateLimitTimeout),
  (opened) => opened.close(),
);
const marks = lifecycle.add('in-flight marks', new RedisInFlightMarks(redisCacheAddress(config), logger), (opened) =>
  opened.close(),
);
const signer = new ReceiptSigner({
  wallet,
  cores: availableParallelism(),
  threads: config.threadPoolSize,
  get dataCaches() {
    return config.dataCaches;
  },
  get fastFinalityIndexes() {
    return config.fastFinalityIndexes;
  },
  now: () => performance.now(),
});
/** A reservation that is there before its receipt's turn to be signed gains nobody anything. A quarter of that time is left to reserve. */
const reserveWaitMs = (): number => signer.expectedWaitMs * 0.75;
const {
  payment,
  settlement,
  sharing,
  x402: payments,
} = lifecycle.add('payment', openPayment(config, logger, metrics, { reserveWaitMs, tracing }), (opened) =>
  opened.close(),
);
const network = new ArweaveGateway({
  url: config.arweaveGateway,
  timeoutMs: config.arweaveRequestTimeout,
  tries: config.arweaveRequestTries,
  metrics,
});
lifecycle.add('signature thread', undefined, () => closeSignatureThread());

const height = lifecycle.add(
  'height',
  new HeightKeeper({ network, store: new ChainTip(database.writer), logger, now: Date.now }),
  async (keeper) => keeper.stop(),
);
await height.start();

const blocklist = lifecycle.add(
  'blocklist',
  await Blocklist.open({ path: config.blockedAddressesFile, logger, metrics }),
  (list) => list.close(),
);
const signingRate = await measureSigningRate(signer, () => performance.now());
metrics.receiptSigningRate.set(signingRate);
favourEventLoop();
logger.info({ openssl: process.versions.openssl, signaturesPerSecond: Math.round(signingRate) }, 'receipt signing');

const patience = new QueuePatience(
  () => config.maxSigningWait,
  () => performance.now(),
);

let inProgress = 0;
const items = new DataItems(database);
/** Where nothing follows acceptance the job would wake a worker for nothing. */
const followUps: Pick<JobProducer, 'add'> = {
  add: async (queue, payload) => {
    const bundles = 'bundles' in payload && payload.bundles;
    const paid = 'paid' in payload && payload.paid;
    const follows = bundles || paid || cachesObjects(config) || config.opticalBridgeUrls.length > 0;
    return !follows || jobs.add(queue, payload);
  },
};
const groups = new CommitGroups({
  store,
  items,
  jobs: followUps,
  payment,
  settlements: new Settlements(database.writer),
  get bridges() {
    return config.opticalBridgeUrls;
  },
  get maxItems() {
    return config.groupMaxItems;
  },
  get maxBytes() {
    return config.groupMaxBytes;
  },
  concurrency: config.groupConcurrency,
  intervalMs: () => config.groupInterval,
  signingWaitMs: () => signer.expectedWaitMs,
  inProgress: () => inProgress,
  logger,
  metrics,
  tracing,
});
const quota = new FreeQuota({ config, limiter, metrics });
const receiveOptions = {
  store,
  items,
  groups,
  signer,
  payment,
  settlement,
  sharing,
  quota,
  blockedOwners: anyOf(new OwnerList(() => config.blockedAddresses), new OwnerList(() => blocklist.entries)),
  inFlight: new InFlight<Received>(metrics),
  reports: new UploadReports(board, () => performance.now()),
  marked: new MarkedUploads({
    marks,
    get ttlMs() {
      return config.inFlightTtl;
    },
    // Nothing moves on the connection of an upload that waits: it must have its answer before it counts as idle.
    get waitMs() {
      return Math.min(WAIT_MS, config.uploadRequestTimeout - 500);
    },
    metrics,
  }),
  height: () => height.current(),
  patience,
  get deadlineBlocks() {
    return config.receiptDeadlineBlocks;
  },
  get maxItemSize() {
    return config.maxDataItemSize;
  },
  get smallItemSize() {
    return config.groupMaxItemSize;
  },
  now: Date.now,
  tracing,
};

/** Counts an upload among those that a commit group may wait for. */
async function underWay(receiving: () => Promise<Received>): Promise<Received> {
  inProgress += 1;
  try {
    return await receiving();
  } finally {
    inProgress -= 1;
  }
}

const uploads = new MultipartUploads(database.writer);
const x402 = payments && new X402Uploads(payments);
const givenAway = freeOnlyPayment({
  get freeUploadLimit() {
    return config.freeUploadLimit;
  },
  allowListedAddresses: [],
});
const rawWallet = config.rawWalletFile && (await loadWallet(config.rawWalletFile, 'RAW_DATA_WALLET_FILE'));
const rawOptions = {
  items: receiveOptions,
  get enabled() {
    return config.rawUploadsEnabled;
  },
  signer: rawWallet ? rawSigner(rawWallet) : undefined,
  payment: givenAway,
  x402,
  uploads,
  jobs: followUps,
  get bridges() {
    return config.opticalBridgeUrls;
  },
  get ttlMs() {
    return config.multipartTtl;
  },
};
const warnOfNoWallet = (): void => {
  if (config.rawUploadsEnabled && !rawWallet)
    logger.warn('unsigned data is refused all the same: RAW_DATA_WALLET_FILE names no wallet');
};
warnOfNoWallet();

const multipart = multipartUse({
  store,
  items,
  jobs,
  signer,
  quota,
  uploads,
  turns: new Turns(() => config.multipartConcurrentParts),
  get minChunkSize() {
    return config.multipartMinChunkSize;
  },
  get maxChunkSize() {
    return config.multipartMaxChunkSize;
  },
  get maxItemSize() {
    return config.maxDataItemSize;
  },
  get ttlMs() {
    return config.multipartTtl;
  },
  get maxOpenUploads() {
    return config.multipartMaxOpenUploads;
  },
  get finalizeWaitMs() {
    return config.multipartFinalizeWait;
  },
  sleep,
  clock: () => performance.now(),
});

let draining = false;
const health = {
  dependencies: [
    { name: 'postgres', check: () => database.check() },
    { name: 'object store', check: () => store.check() },
  ],
  draining: () => draining,
};

const hub = new ProgressHub({
  reports: uploadsUnderWay(board),
  sources: [acceptedItems(items), uploadsInParts(uploads, items)],
  get intervalMs() {
    return config.progressInterval;
  },
  get unknownAfterMs() {
    return config.progressUnknownAfter;
  },
  get maxFollowers() {
    return config.progressMaxStreams;
  },
  clock: () => performance.now(),
  logger,
  metrics,
});

const inspector = lifecycle.add('view of the queues', new QueueInspector(redisQueueAddress(config), logger), (opened) =>
  opened.close(),
);
/** What the status page may wait for another service, milliseconds: it asks once. */
const GLANCE_MS = 2000;
const cacheProbe = lifecycle.add(
  'view of the cache',
  new RedisProbe(redisCacheAddress(config), logger, GLANCE_MS),
  (opened) => opened.close(),
);
const queueProbe = lifecycle.add(
  "view of the queues' Redis",
  new RedisProbe(redisQueueAddress(config), logger, GLANCE_MS),
  (opened) => opened.close(),
);
exportQueues(inspector, metrics, Date.now);
exportRedis({ cache: cacheProbe, queue: queueProbe }, metrics);
const glance = new ArweaveGateway({ url: config.arweaveGateway, timeoutMs: GLANCE_MS, tries: 1, metrics });
const statusSources = {
  database: () => database.check(),
  objectStore: () => store.check(),
  cache: () => cacheProbe.check(),
  gateway: () => glance.height(),
  payment: config.paymentServiceUrl === '' ? undefined : () => checkPaymentService(config.paymentServiceUrl, GLANCE_MS),
  queues: () => inspector.overview(),
  pipeline: () => viewPipeline(database.reader),
};
const platformStatus = new SharedAnswer(
  async () => summarize(await lookAt(statusSources, logger), serviceInfo(config, wallet).version, Date.now()),
  STATUS_TTL_SECONDS * 1000,
  () => performance.now(),
);

const tokens = new ClientTokens(await loadTokenSecrets(config.jwtSecretsFile), Date.now);
const keys = await loadApiKeys(config.apiKeysFile);
const app = await buildApp({
  receive: (upload) => underWay(() => receiveItem(upload, receiveOptions)),
  receiveRaw: (upload) => underWay(() => receiveRaw(upload, rawOptions)),
  acceptsRaw: () => rawOptions.enabled && rawOptions.signer !== undefined,
  x402,
  isFree: (byteCount) => givenAway.canAfford({ token: '', nativeAddress: '' }, byteCount),
  multipart,
  uploads,
  clientOf: (request) => quota.clientOf(request),
  items,
  nestedItems: new NestedItems(database),
  // A connection without heartbeats would be closed as idle.
  progress: { hub, heartbeatMs: () => Math.min(config.progressHeartbeat, config.uploadRequestTimeout / 2) },
  platformStatus: () => platformStatus.get(),
  info: () => serviceInfo(config, wallet),
  isUnavailable: isDatabaseUnavailable,
  corsOrigins: () => config.corsAllowedOrigins,
  tracing: tracing && { tracing, trustedProxies: () => config.trustedProxies },
  limits: new RateLimits({
    config,
    identityOf: (headers) => {
      const holder = keys.holder(headers);
      if (holder !== undefined) return ['key', holder];
      const subject = tokens.subject(headers);
      return subject === undefined ? undefined : ['token', subject];
    },
    limiter,
    metrics,
    now: Date.now,
  }),
  health,
  logger,
  metrics,
});
watchTimeouts(app, logger, metrics, () => ({
  bytesPerSecond: config.uploadMinRate,
  windowMs: config.uploadMinRateWindow,
}));
live.onChange(() => {
  warnOfNoWallet();
  // Fastify made a child of the logger, and children keep the level they were made with.
  logger.level = app.log.level = config.logLevel;
  setTimeouts(app, config);
});
lifecycle.add('server', app, (server) => drainServer(server, config.shutdownAnnounce, config.shutdownDrain));
// Before the server: its clients go on with another process while this one finishes its uploads.
lifecycle.add('progress streams', hub, async (following) => following.close());
await app.listen({ host: config.bindAddress, port: config.uploadPort });
const admin = { host: config.bindAddress, port: config.adminPort, health, registry: metrics.registry };
lifecycle.add('live settings', live, (following) => following.stop());
// Probes must see this process go, so the admin server is the last to close.
const adminServer = await startAdminServer({ ...admin, settings: () => live.report() });
logger.info({ port: config.uploadPort, adminPort: config.adminPort }, 'upload API is listening');

runUntilSignalled(logger, async () => {
  draining = true;
  await lifecycle.stop(config.shutdownAnnounce + config.shutdownDrain + 5000);
  await adminServer.close();
});
