import { ArweaveGateway, isDatabaseUnavailable, openDatabase } from '@bundler/adapters';
import {
  createLogger,
  createMetrics,
  drainServer,
  Lifecycle,
  LiveSettings,
  reportBuild,
  runUntilSignalled,
  startAdminServer,
} from '@bundler/runtime';
import { ServiceTokens } from './access/service-token.ts';
import { buildApp } from './app.ts';
import { databaseConfig } from './database-config.ts';
import { PriceOracle } from './pricing/price-oracle.ts';
import { setTimeouts } from './server.ts';
import { Balances } from './store/balances.ts';
import { Reservations } from './store/reservations.ts';

/** A client that waits for a price waits for the gateway: less long than it waits for this service. */
const GATEWAY_TIMEOUT_MS = 2000;
const GATEWAY_TRIES = 2;

const live = await LiveSettings.open('payment', process.env);
const { config } = live;
const logger = createLogger('payment', config.logLevel);
const metrics = createMetrics({ component: 'payment', processMetrics: true });
reportBuild(metrics.buildInfo, 'payment', process.env);
const lifecycle = new Lifecycle(logger);
live.follow({ logger, metrics });

const tokens = new ServiceTokens([config.privateRouteSecret, config.privateRouteSecretBefore], Date.now);
const pool = { name: 'bundler-payment', queryTimeoutMs: 10_000, min: 0, max: config.paymentDatabasePoolMax };
const database = lifecycle.add('database', openDatabase(databaseConfig(config), pool, logger, metrics), (db) =>
  db.close(),
);
const oracle = new PriceOracle({
  network: new ArweaveGateway({
    url: config.priceGateway || config.arweaveGateway,
    timeoutMs: GATEWAY_TIMEOUT_MS,
    tries: GATEWAY_TRIES,
    metrics,
  }),
  ttlMs: () => config.priceCacheTtl,
  maxAgeMs: () => config.priceMaxAge,
  now: () => performance.now(),
  logger,
});

let draining = false;
const health = { dependencies: [{ name: 'postgres', check: () => database.check() }], draining: () => draining };
const app = await buildApp({
  tokens,
  balances: new Balances(database.writer),
  reservations: new Reservations(database.writer, () => config.reservationTtl),
  priceOf: (byteCount) => oracle.priceOf(byteCount),
  isUnavailable: isDatabaseUnavailable,
  health,
  logger,
  metrics,
});
live.onChange(() => {
  // Fastify made a child of the logger, and children keep the level they were made with.
  logger.level = app.log.level = config.logLevel;
});
setTimeouts(app, config);
lifecycle.add('server', app, (server) => drainServer(server, config.shutdownAnnounce, config.shutdownDrain));
await app.listen({ host: config.bindAddress, port: config.paymentPort });
lifecycle.add('live settings', live, (following) => following.stop());
// Probes must see this process go, so the admin server is the last to close.
const adminServer = await startAdminServer({
  host: config.bindAddress,
  port: config.adminPort,
  health,
  registry: metrics.registry,
  settings: () => live.report(),
});
logger.info({ port: config.paymentPort, adminPort: config.adminPort }, 'payment service is listening');

runUntilSignalled(logger, async () => {
  draining = true;
  await lifecycle.stop(config.shutdownAnnounce + config.shutdownDrain + 5000);
  await adminServer.close();
});
