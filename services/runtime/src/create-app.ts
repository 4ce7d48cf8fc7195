import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify';
import type { Health } from './admin-server.ts';
import { answerErrors } from './answer-errors.ts';
import type { Logger } from './log.ts';
import type { Metrics } from './metrics.ts';

export interface AppParts {
  readonly health: Pick<Health, 'draining'>;
  /** Whether an error means that something this service needs is away, so that the same request may succeed later. */
  readonly isUnavailable?: (error: Error) => boolean;
  readonly logger: Logger;
  readonly metrics: Pick<Metrics, 'loadShed'>;
}

/** An HTTP app without routes, whose errors are those of the catalogue. @param bodyLimit bytes */
export function createApp(parts: AppParts, bodyLimit: number): FastifyInstance {
  const app = Fastify({
    loggerInstance: parts.logger as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true }),
    // Whoever drains the server closes connections in its own order.
    forceCloseConnections: false,
    return503OnClosing: false,
    // How late a limit on headers or a whole request may be kept; Node's own half minute would make a limit of seconds one of half a minute.
    http: { connectionsCheckingInterval: 1000 },
    bodyLimit,
  });
  answerErrors(app, parts);
  app.addHook('onSend', async (_request, reply) => {
    if (parts.health.draining()) reply.header('connection', 'close');
  });
  return app;
}

/** `@fastify/swagger` shows what has a tag. */
const NO_TAGS = { tags: [] };

/** For routes that are served a second time, elsewhere: they are documented once. */
export function untagged(app: FastifyInstance): FastifyInstance {
  app.addHook('onRoute', (route) => {
    if (route.schema) route.schema = { ...route.schema, ...NO_TAGS };
  });
  return app;
}
