import type { FastifyInstance } from 'fastify';

/** What a page may read of an answer beside what browsers show by themselves. */
const EXPOSED =
  'Retry-After, Rate-Limit-Remaining, Rate-Limit-Reset, Rate-Limit-Total, X-Payment-Response, X-Request-Id';
const METHODS = 'GET, HEAD, POST';
/** Browsers ask again no sooner; Chromium keeps an answer no longer than this, seconds. */
const MAX_AGE = '7200';

/**
 * Lets pages of other origins use every route, refusals and errors included: a page that may not read a 429 cannot obey
 * it. Which headers a page may send is for it to say, because clients of this family add new ones all the time; none of
 * them means anything here that a page could not send in another way. Without credentials, so no origin gains by it.
 *
 * Register it before anything that may refuse a request.
 */
export function addCors(app: FastifyInstance, allowedOrigins: () => readonly string[]): void {
  app.addHook('onRequest', async (request, reply) => {
    const { origin } = request.headers;
    const allowed = allowedOrigin(origin, allowedOrigins());
    // A cache must not give one origin the answer of another, nor what came without an origin.
    if (allowed !== '*') reply.header('vary', 'Origin');
    if (allowed === undefined) return;
    reply.header('access-control-allow-origin', allowed);
    if (request.method !== 'OPTIONS' || request.headers['access-control-request-method'] === undefined) {
      reply.header('access-control-expose-headers', EXPOSED);
      return;
    }
    const asked = request.headers['access-control-request-headers'];
    if (asked !== undefined) reply.header('access-control-allow-headers', asked);
    reply.header('access-control-allow-methods', METHODS).header('access-control-max-age', MAX_AGE);
    reply.header('vary', 'Origin, Access-Control-Request-Headers');
    await reply.code(204).send();
  });
}

/** What Access-Control-Allow-Origin says to this origin; undefined when it is not allowed. */
export function allowedOrigin(origin: string | undefined, list: readonly string[]): string | undefined {
  if (list.includes('*')) return '*';
  if (origin === undefined) return undefined;
  // Origins have no path, but people paste URLs.
  return list.some((entry) => entry.toLowerCase().replace(/\/+$/, '') === origin.toLowerCase()) ? origin : undefined;
}
