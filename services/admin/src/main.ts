import {
  isDatabaseUnavailable,
  openDatabase,
  PaymentAdmin,
  QueueInspector,
  Records,
  viewPipeline,
} from '@bundler/adapters';
import { ADMIN_CONNECTIONS, redisQueueAddress } from '@bundler/contract';
import { drainServer, loadApiKeys, openProcess, runUntilSignalled, startAdminServer } from '@bundler/runtime';
import adminPackage from '../package.json' with { type: 'json' };
import { buildApp } from './app.ts';

/** A person waits for it. */
const PAYMENT_TIMEOUT_MS = 10_000;

const { live, config, logger, metrics, lifecycle } = await openProcess('admin', process.env);
live.follow({ logger, metrics });

const keys = await loadApiKeys(config.adminKeysFile, 'ADMIN_KEYS_FILE');
// A door without a key is no door: nothing listens.
if (keys.size === 0) throw new Error('ADMIN_KEYS_FILE names no file with a key in it: the admin service stays closed');

const pool = { name: 'bundler-admin', queryTimeoutMs: 10_000, min: 0, max: ADMIN_CONNECTIONS };
// What is asked about must be the latest: replicas may be behind.
const database = lifecycle.add(
  'database',
  openDatabase({ ...config, databaseReaderUrl: '' }, pool, logger, metrics),
  (db) => db.close(),
);
const inspector = lifecycle.add('queues', new QueueInspector(redisQueueAddress(config), logger), (opened) =>
  opened.close(),
);

let draining = false;
// Ready without Redis and PostgreSQL too: that is when somebody wants to look.
const health = { dependencies: [], draining: () => draining };
const app = await buildApp({
  keys,
  records: new Records(database.writer),
  inspector,
  board: config.boardEnabled,
  payment:
    config.paymentServiceUrl === ''
      ? undefined
      : new PaymentAdmin({
          url: config.paymentServiceUrl,
          secret: config.privateRouteSecret,
          timeoutMs: PAYMENT_TIMEOUT_MS,
          now: Date.now,
        }),
  pipeline: () => viewPipeline(database.writer),
  version: adminPackage.version,
  now: Date.now,
  isUnavailable: isDatabaseUnavailable,
  health,
  logger,
  metrics,
});
live.onChange(() => {
  // Fastify made a child of the logger, and children keep the level they were made with.
  logger.level = app.log.level = config.logLevel;
});
lifecycle.add('server', app, (server) => drainServer(server, 0, config.shutdownDrain));
await app.listen({ host: config.bindAddress, port: config.adminServicePort });
lifecycle.add('live settings', live, (following) => following.stop());
const adminServer = await startAdminServer({
  host: config.bindAddress,
  port: config.adminPort,
  health,
  registry: metrics.registry,
  settings: () => live.report(),
});
logger.info(
  { port: config.adminServicePort, adminPort: config.adminPort, keys: keys.size },
  'admin service is listening',
);

runUntilSignalled(logger, async () => {
  draining = true;
  await lifecycle.stop(config.shutdownDrain + 5000);
  await adminServer.close();
});
