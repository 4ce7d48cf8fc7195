import { ApiError, type ErrorCode } from '@bundler/contract';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { drainUnread } from '../drain-unread.ts';
import { type RateLimits, TooManyRequests } from './rate-limits.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What a request of the route counts for, where the settings alone cannot say it. */
    rateLimitCost?: (request: FastifyRequest) => number | Promise<number>;
  }
}

/** What probes and scrapes ask for, and the answers that all who ask share. */
const FREE = new Set<string | undefined>(['/health', '/ready', '/bundler_metrics', '/status', '/status.json']);

/**
 * Lets requests in, or not, before anything of them is read but the headers.
 *
 * @param refused told of each that is not let in
 */
export function addRateLimits(
  app: FastifyInstance,
  limits: RateLimits,
  refused: (request: FastifyRequest, code: ErrorCode) => void = () => undefined,
): void {
  app.addHook('onRequest', (request, reply, done) => {
    const { url, config } = request.routeOptions;
    if (limits.areOff || FREE.has(url)) return done();
    admit().then(() => done(), done);

    async function admit(): Promise<void> {
      try {
        const headers = await limits.admit({
          method: request.method,
          route: url,
          peer: request.socket.remoteAddress,
          headers: request.headers,
          cost: await config.rateLimitCost?.(request),
        });
        if (headers) reply.headers(headers);
      } catch (error) {
        if (error instanceof TooManyRequests) reply.headers(error.headers);
        if (error instanceof ApiError) refused(request, error.code);
        drainUnread(request.raw);
        throw error;
      }
    }
  });
}
