import Fastify, { type FastifyError, type FastifyInstance, type FastifyServerOptions, LogController } from 'fastify';
import { faultHook } from './faults/fault-hook.ts';
import { routeOf } from './http/route-of.ts';
import type { GatewayParts } from './parts.ts';
import { blockRoutes } from './routes/blocks.ts';
import { chunkRoutes } from './routes/chunks.ts';
import { dataRoutes } from './routes/data.ts';
import { developmentRoutes } from './routes/development.ts';
import { graphqlRoute } from './routes/graphql.ts';
import { networkRoutes } from './routes/network.ts';
import { notFound } from './routes/not-found.ts';
import { postTxRoute } from './routes/post-tx.ts';
import { transactionRoutes } from './routes/transactions.ts';

const DEFAULT_BODY_LIMIT = 1024 * 1024;

/** The HTTP server without routes, not listening yet. */
export function createApp(logger: FastifyServerOptions['logger'] = false): FastifyInstance {
  return Fastify({
    logger,
    logController: new LogController({ disableRequestLogging: true }),
    exposeHeadRoutes: false,
    bodyLimit: DEFAULT_BODY_LIMIT,
    forceCloseConnections: true,
  });
}

/** Gives the server everything it answers. */
export function addRoutes(app: FastifyInstance, parts: GatewayParts): void {
  addHooks(app, parts);
  networkRoutes(app, parts);
  blockRoutes(app, parts);
  transactionRoutes(app, parts);
  postTxRoute(app, parts);
  chunkRoutes(app, parts);
  graphqlRoute(app, parts);
  developmentRoutes(app, parts);
  dataRoutes(app, parts);
}

/** Nodes ignore the content type of what is posted, let any web page in, and answer errors in plain text. */
function addHooks(app: FastifyInstance, { requests, faults }: GatewayParts): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  app.addHook('onRequest', async (request, reply) => {
    reply.header('access-control-allow-origin', '*');
    requests.arrived(routeOf(request));
  });
  app.addHook('onRequest', faultHook(faults));
  app.addHook('onResponse', async (request, reply) => requests.answered(routeOf(request), reply.statusCode));
  app.options('/*', async (_request, reply) =>
    reply
      .header('access-control-allow-methods', 'GET, HEAD, POST, DELETE')
      .header('access-control-allow-headers', '*')
      .send(''),
  );
  app.setNotFoundHandler((_request, reply) => notFound(reply, 'Request type not found.'));
  app.setErrorHandler((error: FastifyError, request, reply) => {
    const status = error.statusCode ?? 500;
    if (status >= 500) request.log.error(error);
    return reply
      .code(status)
      .type('text/plain')
      .send(status === 413 ? 'Payload too large' : error.message);
  });
}
