import { ApiError } from '@bundler/contract';
import type { FastifyInstance } from 'fastify';

/** Names of ArNS are not sold here. Clients that ask are told so, where the general 404 would make them look for a mistake. */
export function addArnsRoutes(app: FastifyInstance): void {
  app.all('/arns/*', { schema: { hide: true } }, () => {
    throw new ApiError('not_found', { detail: 'This service does not sell ArNS names.' });
  });
}
