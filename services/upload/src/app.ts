import type { DataItems, MultipartUploads, NestedItems } from '@bundler/adapters';
import type { Info, PlatformStatus } from '@bundler/contract';
import {
  addAdminRoutes,
  addCors,
  answerErrors,
  type Health,
  type Logger,
  type Metrics,
  measureRequests,
} from '@bundler/runtime';
import swagger from '@fastify/swagger';
import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify';
import { addRateLimits } from './admission/hook.ts';
import type { RateLimits } from './admission/rate-limits.ts';

import { addDataItemRoutes, type ClientOf, type DataItemRoutes } from './routes/data-item.ts';
import { addInfoRoutes, addPriceStubs } from './routes/info.ts';
import { addMultipartRoutes, type MultipartRoutes } from './routes/multipart.ts';
import { addPlatformStatusRoutes } from './routes/platform-status.ts';
import { addProgressRoutes, type ProgressRoutes } from './routes/progress.ts';
import { addRawDataRoutes, type RawDataRoutes } from './routes/raw-data.ts';
import { addStatusRoutes } from './routes/status.ts';
import { addTracing, type RequestTracing } from './tracing.ts';

export interface AppOptions {
  readonly receive: DataItemRoutes['receive'];
  readonly receiveRaw: RawDataRoutes['receiveRaw'];
  readonly acceptsRaw: DataItemRoutes['acceptsRaw'];
  readonly multipart: MultipartRoutes['multipart'];
  /** Whose free bytes a request uses up; nobody's when nothing is said. */
  readonly clientOf?: ClientOf;
  readonly items: Pick<DataItems, 'findState'>;
  readonly uploads: Pick<MultipartUploads, 'find'>;
  readonly nestedItems: Pick<NestedItems, 'find'>;
  readonly progress: ProgressRoutes;
  readonly platformStatus: () => Promise<PlatformStatus>;
  /** What may change while the process runs. */
  readonly info: () => Info;
  /** Whether an error means that something this service needs is away, so that the same request may succeed later. */
  readonly isUnavailable?: (error: Error) => boolean;
  /** Origins whose pages may call this service; all when nothing is said. */
  readonly corsOrigins?: () => readonly string[];
  /** Who may send how much; everybody everything when nothing is said. */
  readonly limits?: RateLimits;
  /** Undefined where nothing is traced. */
  readonly tracing?: RequestTracing | undefined;
  readonly health: Health;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/** The upload service's HTTP face. The process that listens with it is `main.ts`'s business. */
export async function buildApp(options: AppOptions): Promise<FastifyInstance> {
  const app = Fastify({
    loggerInstance: options.logger as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true }),
    // `server.ts` sets the timeouts and closes connections in its own order.
    forceCloseConnections: false,
    return503OnClosing: false,
    // How late a limit on headers or a whole request may be kept; Node's own half minute would make a limit of seconds one of half a minute.
    http: { connectionsCheckingInterval: 1000 },
    // Bodies are streams; what they may be long is checked while they are read.
    bodyLimit: Number.MAX_SAFE_INTEGER,
  });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
  answerErrors(app, options);
  if (options.tracing) addTracing(app, options.tracing);
  addCors(app, options.corsOrigins ?? (() => ['*']));
  measureRequests(app, options.metrics);
  app.addHook('onSend', async (_request, reply) => {
    if (options.health.draining()) reply.header('connection', 'close');
  });

  if (options.limits) addRateLimits(app, options.limits, options.metrics);

  await app.register(swagger, {
    hideUntagged: true,
    openapi: { info: { title: 'Bundler upload API', version: options.info().version } },
  });
  await app.register(async (v1) => addRoutes(v1, options), { prefix: '/v1' });
  await app.register(async (root) => addRoutes(untagged(root), options));
  addPriceStubs(app);
  addPlatformStatusRoutes(app, options.platformStatus);
  addAdminRoutes(app, options.health, options.metrics.registry);
  app.get('/openapi.json', () => app.swagger());
  return app;
}

function addRoutes(app: FastifyInstance, options: AppOptions): void {
  addInfoRoutes(app, options.info);
  addDataItemRoutes(app, options);
  addRawDataRoutes(app, options);
  addMultipartRoutes(app, options);
  addStatusRoutes(app, options.items, options.nestedItems, options.uploads);
  addProgressRoutes(app, options.progress);
}

/** The same routes at the root are served, but documented once. */
function untagged(app: FastifyInstance): FastifyInstance {
  app.addHook('onRoute', (route) => {
    if (route.schema) route.schema = { ...route.schema, tags: [] };
  });
  return app;
}
