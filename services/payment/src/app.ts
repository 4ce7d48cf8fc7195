import {
  addAdminRoutes,
  answerErrors,
  type Health,
  type Logger,
  type Metrics,
  measureRequests,
} from '@bundler/runtime';
import swagger from '@fastify/swagger';
import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify';
import { addPrivateRoutes, type PrivateRoutes } from './routes/private.ts';

export interface AppOptions extends PrivateRoutes {
  /** Whether an error means that something this service needs is away, so that the same request may succeed later. */
  readonly isUnavailable?: (error: Error) => boolean;
  readonly health: Health;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/** A thousand charges with the longest addresses. */
const BODY_LIMIT = 4 * 1024 * 1024;

/** The payment service's HTTP face. The process that listens with it is `main.ts`'s business. */
export async function buildApp(options: AppOptions): Promise<FastifyInstance> {
  const app = Fastify({
    loggerInstance: options.logger as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true }),
    // `server.ts` sets the timeouts and the drain closes connections in its own order.
    forceCloseConnections: false,
    return503OnClosing: false,
    http: { connectionsCheckingInterval: 1000 },
    bodyLimit: BODY_LIMIT,
  });
  answerErrors(app, options);
  measureRequests(app, options.metrics);
  app.addHook('onSend', async (_request, reply) => {
    if (options.health.draining()) reply.header('connection', 'close');
  });
  await app.register(swagger, {
    hideUntagged: true,
    openapi: { info: { title: 'Bundler payment API', version: VERSION } },
  });
  await app.register(async (v1) => addPrivateRoutes(v1, options), { prefix: '/v1' });
  addAdminRoutes(app, options.health, options.metrics.registry);
  app.get('/openapi.json', () => app.swagger());
  return app;
}

/** Of the protocol that clients speak with this service. */
const VERSION = '0.2.0';
