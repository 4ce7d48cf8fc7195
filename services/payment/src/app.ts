import {
  type AppParts,
  addAdminRoutes,
  addCors,
  addRateLimits,
  createApp,
  type Health,
  type Metrics,
  measureRequests,
  type RateLimits,
  type RequestTracing,
  traceRequests,
  untagged,
} from '@bundler/runtime';
import swagger from '@fastify/swagger';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type AccountRoutes, addAccountRoutes } from './routes/account.ts';
import { addApprovalRoutes } from './routes/approvals.ts';
import { addArnsRoutes } from './routes/arns.ts';
import { addCardRoutes, type CardRoutes } from './routes/cards.ts';
import { addInfoRoutes, type PaymentInfo } from './routes/info.ts';
import { addPriceRoutes, type PriceRoutes } from './routes/prices.ts';
import { addPrivateRoutes, type PrivateRoutes } from './routes/private.ts';
import { addTopUpRoutes, type TopUpRoutes } from './routes/top-ups.ts';

export interface AppOptions extends AppParts, PrivateRoutes, PriceRoutes, AccountRoutes, TopUpRoutes, CardRoutes {
  readonly info: () => PaymentInfo;
  /** Origins whose pages may call this service; all when nothing is said. */
  readonly corsOrigins?: () => readonly string[];
  /** Who may ask how often; everybody as often as they like when nothing is said. */
  readonly limits?: RateLimits;
  /** Undefined where nothing is traced. */
  readonly tracing?: Pick<RequestTracing, 'tracing' | 'trustedProxies'> | undefined;
  readonly health: Health;
  readonly metrics: Metrics;
}

/** Of the protocol that clients speak with this service. */
export const API_VERSION = '0.2.0';
/** A thousand charges with the longest addresses. */
const BODY_LIMIT = 4 * 1024 * 1024;

/** The payment service's HTTP face. The process that listens with it is `main.ts`'s business. */
export async function buildApp(options: AppOptions): Promise<FastifyInstance> {
  const app = createApp(options, BODY_LIMIT);
  // Clients of this family send JSON without saying so.
  app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body));
  if (options.tracing) {
    const isOurs = ({ headers }: FastifyRequest): boolean => options.tokens.accepts(headers.authorization);
    traceRequests(app, { ...options.tracing, isOurs });
  }
  addCors(app, options.corsOrigins ?? (() => ['*']));
  measureRequests(app, options.metrics);
  if (options.limits) addRateLimits(app, options.limits);
  await app.register(swagger, {
    hideUntagged: true,
    openapi: { info: { title: 'Bundler payment API', version: API_VERSION } },
  });
  await app.register(async (v1) => addRoutes(v1, options), { prefix: '/v1' });
  await app.register(async (root) => {
    untagged(root);
    addInfoRoutes(root, options.info);
    addTopUpRoutes(root, options);
  });
  addAdminRoutes(app, options.health, options.metrics.registry);
  app.get('/openapi.json', () => app.swagger());
  return app;
}

async function addRoutes(app: FastifyInstance, options: AppOptions): Promise<void> {
  addInfoRoutes(app, options.info);
  addPriceRoutes(app, options);
  addAccountRoutes(app, options);
  addApprovalRoutes(app, options);
  addTopUpRoutes(app, options);
  addCardRoutes(app, options);
  addArnsRoutes(app);
  await addPrivateRoutes(app, options);
}
