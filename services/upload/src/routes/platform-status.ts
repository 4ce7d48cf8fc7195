import { PlatformStatus } from '@bundler/contract';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { PAGE_HEADERS, statusPage } from '../platform-status/page.ts';

/** As long as one answer is given to everybody, seconds. */
export const STATUS_TTL_SECONDS = 5;

/** `GET /status` for people and `GET /status.json` for programs: how the platform is, whoever asks. */
export function addPlatformStatusRoutes(app: FastifyInstance, status: () => Promise<PlatformStatus>): void {
  // 200 also when the platform is down: that is what was asked for, and proxies would put a page of their own over a 503.
  const fresh = (reply: FastifyReply): FastifyReply =>
    reply.header('cache-control', `public, max-age=${STATUS_TTL_SECONDS}`);
  app.get('/status', async (_, reply) => {
    return fresh(reply)
      .headers(PAGE_HEADERS)
      .send(statusPage(await status()));
  });
  app.get(
    '/status.json',
    { schema: { tags: ['service'], summary: 'Health of the platform', response: { 200: PlatformStatus } } },
    async (_, reply) => fresh(reply).send(await status()),
  );
}
