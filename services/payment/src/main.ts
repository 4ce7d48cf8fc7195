import { ArweaveGateway, isDatabaseUnavailable, openDatabase, RedisRateLimiter, Schedules } from '@bundler/adapters';
import { redisCacheAddress } from '@bundler/contract';
import {
  drainServer,
  openProcess,
  openTracing,
  RateLimits,
  runUntilSignalled,
  Scheduler,
  startAdminServer,
  watchTimeouts,
} from '@bundler/runtime';
import { forgetNonces } from './access/forget-nonces.ts';
import { ServiceTokens } from './access/service-token.ts';
import { buildApp } from './app.ts';
import { openCards } from './cards/open-cards.ts';
import { openChains, verifyChains } from './chains/open-chains.ts';
import { databaseConfig } from './database-config.ts';
import { exportMoney } from './figures.ts';
import { currencies } from './pricing/currencies.ts';
import { Kept } from './pricing/kept.ts';
import { PriceOracle } from './pricing/price-oracle.ts';
import { Prices } from './pricing/prices.ts';
import { CoinGeckoRates } from './pricing/rates.ts';
import { setTimeouts } from './server.ts';
import { serviceInfo } from './service-info.ts';
import { Adjustments } from './store/adjustments.ts';
import { Administration } from './store/administration.ts';
import { Approvals } from './store/approvals.ts';
import { readAccountDifferences } from './store/audit.ts';
import { Balances } from './store/balances.ts';
import { readMoneyFigures } from './store/money-figures.ts';
import { Nonces } from './store/nonces.ts';
import { PaymentHistory } from './store/payment-history.ts';
import { PromoCodes } from './store/promo-codes.ts';
import { Reservations } from './store/reservations.ts';
import { TopUps } from './store/top-ups.ts';
import { X402Payments } from './store/x402-payments.ts';
import { checkPending } from './top-ups/check-top-up.ts';
import { USDC } from './x402/networks.ts';
import { openX402, SETTLE_MS } from './x402/open-x402.ts';

/** A client that waits for a price waits for the gateway: less long than it waits for this service. */
const GATEWAY_TIMEOUT_MS = 2000;
const GATEWAY_TRIES = 2;
const RATES_TTL_MS = 60_000;
/** Transactions that are looked at in one tick. */
const PENDING_LIMIT = 200;
const FORGET_INTERVAL_MS = 3_600_000;
/** Nobody takes a payment for left before its settlement must have ended. */
const X402_HOLD_MS = SETTLE_MS + 15_000;
const X402_LIMIT = 20;

const { live, config, logger, metrics, lifecycle } = await openProcess('payment', process.env);
// The first to be opened and so the last to close: what happens while the others stop is sent too.
const tracing = lifecycle.add('tracing', openTracing('payment', config, logger), async (opened) => opened?.close());
live.follow({ logger, metrics });

const tokens = new ServiceTokens([config.privateRouteSecret, config.privateRouteSecretBefore], Date.now);
const pool = { name: 'bundler-payment', queryTimeoutMs: 10_000, min: 0, max: config.paymentDatabasePoolMax };
const database = lifecycle.add('database', openDatabase(databaseConfig(config), pool, logger, metrics), (db) =>
  db.close(),
);
const adjustments = new Adjustments(database.writer, () => performance.now());
const chains = openChains(config, tracing);
await verifyChains(chains.values(), logger);
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
const ratedTokens = [
  ...new Set([
    'arweave',
    ...[...chains.values()].flatMap(({ rateOf }) => rateOf ?? []),
    ...(config.x402PayTo === '' ? [] : [USDC.rateOf]),
  ]),
];
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
const approvals = new Approvals(database.writer, Date.now);
const topUps = new TopUps(database.writer);
const topUpOptions = { chains, topUps, prices, adjustments, excludedSenders: () => config.excludedSenders, logger };
const cards = await openCards(config, database.writer, prices, logger);
lifecycle.add('card work', cards.work, (work) => work.stop());

const nonces = new Nonces(database.writer);
const limiter = lifecycle.add(
  'rate limits',
  new RedisRateLimiter(redisCacheAddress(config), logger, () => performance.now(), config.rateLimitTimeout),
  (opened) => opened.close(),
);

exportMoney(
  {
    figures: () => readMoneyFigures(database.writer),
    differences: () => readAccountDifferences(database.writer),
    gatewayPrice: oracle.reference,
    rates,
  },
  metrics,
);

const reservations = new Reservations(database.writer, () => config.reservationTtl, Date.now);
const x402 = openX402(config, {
  payments: new X402Payments(database.writer, X402_HOLD_MS),
  reservations,
  prices,
  adjustments,
  logger,
  metrics,
  now: Date.now,
});

let draining = false;
const health = { dependencies: [{ name: 'postgres', check: () => database.check() }], draining: () => draining };
const app = await buildApp({
  tokens,
  accounts: balances,
  approvals,
  history: new PaymentHistory(topUps, cards.routes.quotes),
  nonces,
  prices,
  promoCodes: new PromoCodes(database.writer),
  cards: cards.routes,
  administration: new Administration(database.writer),
  chains,
  topUpOptions,
  info: () => serviceInfo(config, chains),
  corsOrigins: () => config.corsAllowedOrigins,
  tracing: tracing && { tracing, trustedProxies: () => config.trustedProxies },
  reservations,
  x402,
  limits: new RateLimits({ config, prefix: 'payment:', limiter, metrics, now: Date.now }),
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
watchTimeouts(app, logger, metrics);
const pendingTopUps = {
  name: 'pending-tx',
  intervalMs: () => config.pendingTopUpInterval,
  tick: () => checkPending(PENDING_LIMIT, topUpOptions),
};
/** Nothing waits for it: an approval that has expired is spent by nobody, and its payer finds the rest at once. */
const EXPIRY_INTERVAL_MS = 60_000;
const expiry = { name: 'approvals', intervalMs: () => EXPIRY_INTERVAL_MS, tick: () => approvals.expire() };
const oldNonces = { name: 'nonces', intervalMs: () => FORGET_INTERVAL_MS, tick: () => forgetNonces(nonces) };
const abandonedX402 = {
  name: 'x402',
  intervalMs: () => config.pendingTopUpInterval,
  tick: async () => x402?.resume(X402_LIMIT),
};
const housekeeping = lifecycle.add(
  'housekeeping',
  new Scheduler(
    [pendingTopUps, expiry, oldNonces, abandonedX402, cards.schedule],
    new Schedules(database.writer),
    logger,
  ),
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
