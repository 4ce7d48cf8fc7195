import { ApiError } from '@bundler/contract';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Span, SpanOptions, Tracing } from './tracing.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Whether requests of the route are nobody's work: what probes and scrapes ask for, and what lasts as long as somebody watches. */
    untraced?: boolean;
  }
}

export interface RequestTracing {
  readonly tracing: Tracing;
  /** Proxies in front of this service. Without one, what a request says of itself is said by its client. */
  readonly trustedProxies: () => number;
  /** Whether a request is known to come from a service of the platform; none is when nothing is said. */
  readonly isOurs?: (request: FastifyRequest) => boolean;
}

const spans = new WeakMap<FastifyRequest, Span>();

/**
 * A span for each request, from its headers to the end of its answer.
 *
 * Register it before anything that may refuse a request.
 */
export function traceRequests(app: FastifyInstance, options: RequestTracing): void {
  const { tracing } = options;
  app.addHook('onRequest', (request, reply, done) => {
    const { config, url: route = 'none' } = request.routeOptions;
    if (config?.untraced) return done();
    const span = tracing.start(`${request.method} ${route}`, {
      kind: 'server',
      attributes: { 'http.request.method': request.method, 'http.route': route },
      ...placeOf(request, options),
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

/**
 * Whose trace it is. One that the caller began goes on only where a trusted proxy stands in front: strangers could fill the collector,
 * or mix their traces with ours. Of theirs a link is kept. What our own services ask for is traced when what they do is: a trace that
 * began here would tell of nothing but the question.
 */
function placeOf(
  request: FastifyRequest,
  { isOurs, trustedProxies }: RequestTracing,
): Pick<SpanOptions, 'parent' | 'links'> {
  const { traceparent } = request.headers;
  const caller = typeof traceparent === 'string' ? traceparent : undefined;
  if (isOurs?.(request)) return caller === undefined ? {} : { parent: caller };
  if (caller === undefined) return { parent: null };
  return trustedProxies() > 0 ? { parent: caller } : { parent: null, links: [caller] };
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
