import { Info } from '@bundler/contract';
import type { FastifyInstance } from 'fastify';

/** `GET /` and `GET /info`: who this service is and what it gives away. */
export function addInfoRoutes(app: FastifyInstance, info: () => Info): void {
  for (const path of ['/', '/info']) {
    app.get(path, { schema: { tags: ['service'], summary: 'About this service', response: { 200: Info } } }, () =>
      info(),
    );
  }
}

/**
 * Answers that clients of the oldest bundlers ask for before they upload: nothing costs anything and everybody is
 * rich. Root only; the real prices are the payment service's.
 */
export function addPriceStubs(app: FastifyInstance): void {
  const price = '0.0000000000000';
  const balance = '9'.repeat(38);
  app.get('/price/:bytes', (_, reply) => reply.type('text/plain').send(price));
  app.get('/price/:token/:bytes', (_, reply) => reply.type('text/plain').send(price));
  app.get('/account/balance/:token', (_, reply) => reply.type('text/plain').send(balance));
  app.get('/account/balance', (_, reply) => reply.type('text/plain').send(balance));
}
