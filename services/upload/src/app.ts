import type { DataItems, MultipartUploads, NestedItems } from '@bundler/adapters';
import type { Info, PlatformStatus } from '@bundler/contract';
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
import type { FastifyInstance } from 'fastify';
import { countRefused } from './ingest/upload-record.ts';
import { addDataItemRoutes, type ClientOf, type DataItemRoutes } from './routes/data-item.ts';
import { addInfoRoutes, addPriceStubs } from './routes/info.ts';
import { addMultipartRoutes, type MultipartRoutes } from './routes/multipart.ts';
import { addPlatformStatusRoutes } from './routes/platform-status.ts';
import { addProgressRoutes, type ProgressRoutes } from './routes/progress.ts';
import { addRawDataRoutes, type RawDataRoutes } from './routes/raw-data.ts';
import { addStatusRoutes } from './routes/status.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Whether each request of the route is an upload. */
    isUpload?: boolean;
  }
}

export interface AppOptions extends AppParts {
  readonly receive: DataItemRoutes['receive'];
  readonly receiveRaw: RawDataRoutes['receiveRaw'];
  readonly acceptsRaw: DataItemRoutes['acceptsRaw'];
  readonly x402: DataItemRoutes['x402'];
  readonly isFree: DataItemRoutes['isFree'];
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
  /** Origins whose pages may call this service; all when nothing is said. */
  readonly corsOrigins?: () => readonly string[];
  /** Who may send how much; everybody everything when nothing is said. */
  readonly limits?: RateLimits;
  /** Undefined where nothing is traced. */
  readonly tracing?: RequestTracing | undefined;
  readonly health: Health;
  readonly metrics: Metrics;
}

/** The upload service's HTTP face. The process that listens with it is `main.ts`'s business. */
export async function buildApp(options: AppOptions): Promise<FastifyInstance> {
  // Bodies are streams; what they may be long is checked while they are read.
  const app = createApp(options, Number.MAX_SAFE_INTEGER);
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
  if (options.tracing) traceRequests(app, options.tracing);
  addCors(app, options.corsOrigins ?? (() => ['*']));
  measureRequests(app, options.metrics);

  if (options.limits) {
    addRateLimits(app, options.limits, (request, code) => {
      if (request.routeOptions.config.isUpload) countRefused(options.metrics, code);
    });
  }

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
