import { ADMIN_KEY_HEADER, ApiError } from '@bundler/contract';
import type { ApiKeys } from '@bundler/runtime';
import type { FastifyInstance, FastifyRequest } from 'fastify';

declare module 'fastify' {
  interface FastifyRequest {
    /** The name of the key that opened the door. */
    admin: string;
  }
}

/**
 * Lets those in who bring a key, and nobody else, before anything of the request is read. A browser's remembered password
 * does not count: a page of somebody else could send it along.
 */
export function requireKey(app: FastifyInstance, keys: Pick<ApiKeys, 'nameOf'>): void {
  app.decorateRequest('admin', '');
  app.addHook('onRequest', async (request) => {
    const name = nameOf(request, keys);
    if (name === undefined) {
      request.log.warn(
        { audit: true, method: request.method, route: request.routeOptions.url, peer: request.ip },
        'refused',
      );
      throw new ApiError('admin_key_required', { detail: `Send it as ${ADMIN_KEY_HEADER}.` });
    }
    request.admin = name;
  });
}

function nameOf({ headers }: FastifyRequest, keys: Pick<ApiKeys, 'nameOf'>): string | undefined {
  const own = headers[ADMIN_KEY_HEADER];
  const [, bearer] = /^Bearer +([^ ]+)$/i.exec(headers.authorization ?? '') ?? [];
  const key = typeof own === 'string' ? own : bearer;
  return key === undefined ? undefined : keys.nameOf(key);
}

/** Writes down who did what, and what came of it: the log is what an audit reads. */
export function audit(request: FastifyRequest, action: string, facts: object): void {
  request.log.info({ audit: true, admin: request.admin, action, ...facts }, 'admin');
}
