import type { FastifyRequest } from 'fastify';

/** A request's route as it is declared, e.g. `GET /tx/:id/status`; `GET ?` for one that has no route. */
export function routeOf(request: FastifyRequest): string {
  return `${request.method} ${request.routeOptions.url ?? '?'}`;
}
