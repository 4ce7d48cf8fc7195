import { ApiError } from '@bundler/contract';
import type { Span, Tracing } from '@bundler/runtime';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

export interface RequestTracing {
  readonly tracing: Tracing;
  /** Proxies in front of this service. Without one, what a request says of itself is said by its client. */
  readonly trustedProxies: () => number;
}

/** What probes and scrapes ask for, and what lasts as long as somebody watches: neither is anybody's upload. */
const UNTRACED = /^\/(health|ready|bundler_metrics)$|\/upload\/progress\//;

const spans = new WeakMap<FastifyRequest, Span>();

/**
 * A span for each request, from its headers to the end of its answer. A trace that the caller began goes on only where a
 * trusted proxy stands in front: strangers could fill the collector, or mix their traces with ours. Of theirs a link is kept.
 *
 * Register it before anything that may refuse a request.
 */
export function addTracing(app: FastifyInstance, { tracing, trustedProxies }: RequestTracing): void {
  app.addHook('onRequest', (request, reply, done) => {
    const route = request.routeOptions.url ?? 'none';
    if (UNTRACED.test(route)) return done();
    const { traceparent } = request.headers;
    const caller = typeof traceparent === 'string' ? traceparent : undefined;
    const span = tracing.start(`${request.method} ${route}`, {
      kind: 'server',
      attributes: { 'http.request.method': request.method, 'http.route': route },
      ...(caller !== undefined && trustedProxies() > 0
        ? { parent: caller }
        : { parent: null, links: caller === undefined ? [] : [caller] }),
    });
    spans.set(request, span);
    // Also when the client is gone before it has its answer.
    reply.raw.once('close', () => span.run(() => finish(span, request, reply)));
    return span.run(() => {
      const ids = tracing.ids();
      if (ids) reply.header('x-request-id', ids.traceId);
      done();
    });
  });
  app.addHook('onError', async (request, _reply, error) => {
    spans.get(request)?.set({ 'error.type': error instanceof ApiError ? error.code : error.name });
  });
}

function finish(
  span: Span,
  { log, method, routeOptions: { url: route } }: FastifyRequest,
  { raw }: FastifyReply,
): void {
  const aborted = !raw.writableFinished;
  span.set({ 'http.response.status_code': raw.statusCode });
  log.debug({ method, route, status: raw.statusCode, aborted }, 'answered');
  span.end(aborted ? 'aborted' : raw.statusCode >= 500 ? String(raw.statusCode) : undefined);
}
