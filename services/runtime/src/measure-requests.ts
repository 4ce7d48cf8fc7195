import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type Metrics, observeTraced } from './metrics.ts';

/** Measures every request to its last byte, by its route. */
export function measureRequests(app: FastifyInstance, { httpRequests }: Pick<Metrics, 'httpRequests'>): void {
  app.addHook('onResponse', (request, reply, done) => {
    observeTraced(httpRequests, labelsOf(request, reply), reply.elapsedTime / 1000);
    done();
  });
}

/** The same route at the root and below /v1 is one; whatever is asked for where there is none is one too. */
function labelsOf({ method, routeOptions: { url } }: FastifyRequest, { statusCode }: FastifyReply) {
  if (url === undefined) return { method: 'other', route: 'none', status_code: statusCode };
  return { method, route: url.replace(/^\/v1(?=\/)/, ''), status_code: statusCode };
}
