import { ArweaveGateway, isDatabaseUnavailable, openDatabase, Schedules } from '@bundler/adapters';
import { drainServer, openProcess, runUntilSignalled, Scheduler, startAdminServer } from '@bundler/runtime';
import { ServiceTokens } from './access/service-token.ts';
import { buildApp } from './app.ts';
import { openChains } from './chains/open-chains.ts';
import { databaseConfig } from './database-config.ts';
import { currencies } from './pricing/currencies.ts';
import { Kept } from './pricing/kept.ts';
import { PriceOracle } from './pricing/price-oracle.ts';
import { Prices } from './pricing/prices.ts';
import { CoinGeckoRates } from './pricing/rates.ts';
import { setTimeouts } from './server.ts';
import { serviceInfo } from './service-info.ts';
import { Adjustments } from './store/adjustments.ts';
import { Balances } from './store/balances.ts';
import { Nonces } from './store/nonces.ts';
import { Reservations } from './store/reservations.ts';
import { TopUps } from './store/top-ups.ts';
import { checkPending } from './top-ups/check-top-up.ts';

/** A client that waits for a price waits for the gateway: less long than it waits for this service. */
const GATEWAY_TIMEOUT_MS = 2000;
const GATEWAY_TRIES = 2;
const RATES_TTL_MS = 60_000;
/** Transactions that are looked at in one tick. */
const PENDING_LIMIT = 200;

const { live, config, logger, metrics, lifecycle } = await openProcess('payment', process.env);
live.follow({ logger, metrics });

const tokens = new ServiceTokens([config.privateRouteSecret, config.privateRouteSecretBefore], Date.now);
const pool = { name: 'bundler-payment', queryTimeoutMs: 10_000, min: 0, max: config.paymentDatabasePoolMax };
const database = lifecycle.add('database', openDatabase(databaseConfig(config), pool, logger, metrics), (db) =>
  db.close(),
);
const adjustments = new Adjustments(database.writer, () => performance.now());
const chains = openChains(config);
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

const ratesProvider = new CoinGeckoRates(config.ratesUrl, GATEWAY_TIMEOUT_MS);
const ratedTokens = [...new Set(['arweave', ...[...chains.values()].flatMap(({ rateOf }) => rateOf ?? [])])];
const rates = new Kept({
  name: 'rate',
  ask: () => ratesProvider.fetch(ratedTokens, Object.keys(currencies)),
  ttlMs: () => RATES_TTL_MS,
  maxAgeMs: () => config.priceMaxAge,
  now: () => performance.now(),
  logger,
});
const prices = new Prices({ oracle, rates, adjustments });
const balances = new Balances(database.writer);
const topUps = new TopUps(database.writer);
const topUpOptions = { chains, topUps, prices, adjustments, excludedSenders: () => config.excludedSenders, logger };

let draining = false;
const health = { dependencies: [{ name: 'postgres', check: () => database.check() }], draining: () => draining };
const app = await buildApp({
  tokens,
  balances,
  accounts: balances,
  history: topUps,
  nonces: new Nonces(database.writer),
  prices,
  chains,
  topUpOptions,
  info: () => serviceInfo(config, chains),
  corsOrigins: () => config.corsAllowedOrigins,
  reservations: new Reservations(database.writer, () => config.reservationTtl),
  priceOf: async (byteCount) => (await prices.ofBytes(byteCount)).winc,
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
const pendingTopUps = {
  name: 'pending-tx',
  intervalMs: () => config.pendingTopUpInterval,
  tick: () => checkPending(PENDING_LIMIT, topUpOptions),
};
const housekeeping = lifecycle.add(
  'housekeeping',
  new Scheduler([pendingTopUps], new Schedules(database.writer), logger),
  (ticking) => ticking.stop(),
);
housekeeping.start();
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
