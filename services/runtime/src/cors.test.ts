import Fastify, { type FastifyInstance } from 'fastify';
import { addCors } from './cors.ts';

function app(origins: () => readonly string[]): FastifyInstance {
  const server = Fastify();
  addCors(server, origins);
  // What refuses requests comes after it.
  server.addHook('onRequest', async (request, reply) => {
    if (request.url === '/busy') await reply.code(503).header('retry-after', 1).send('busy');
  });
  server.get('/info', async () => ({ version: 1 }));
  return server;
}

const origin = 'https://app.example.com';
const preflight = (url: string, headers: Record<string, string> = {}) => ({
  method: 'OPTIONS' as const,
  url,
  headers: { origin, 'access-control-request-method': 'POST', ...headers },
});

describe('CORS', () => {
  it('lets every page read every answer by default, refusals and unknown paths included', async () => {
    const server = app(() => ['*']);
    for (const [url, status] of [
      ['/info', 200],
      ['/busy', 503],
      ['/nowhere', 404],
    ] as const) {
      const answer = await server.inject({ url, headers: { origin } });
      expect([answer.statusCode, answer.headers['access-control-allow-origin']]).toEqual([status, '*']);
      expect(answer.headers['access-control-expose-headers']).toContain('Retry-After');
    }
    // A cache gives pages what it was given without an origin.
    expect((await server.inject({ url: '/info' })).headers['access-control-allow-origin']).toBe('*');
  });

  it('answers a preflight for any path with what it asks for, before anything can refuse it', async () => {
    const asked = { 'access-control-request-headers': 'content-type, x-paid-by, last-event-id' };
    const answer = await app(() => ['*']).inject(preflight('/busy', asked));
    expect(answer.statusCode).toBe(204);
    expect(answer.body).toBe('');
    expect(answer.headers).toMatchObject({
      'access-control-allow-origin': '*',
      'access-control-allow-headers': 'content-type, x-paid-by, last-event-id',
      'access-control-allow-methods': 'GET, HEAD, POST',
      'access-control-max-age': '7200',
    });
    expect(answer.headers['access-control-allow-credentials']).toBeUndefined();
  });

  it('names only an origin of the list, and tells caches that the answer depends on it', async () => {
    const server = app(() => ['https://App.example.com/', 'https://other.example']);
    const known = await server.inject({ url: '/info', headers: { origin } });
    expect(known.headers).toMatchObject({ 'access-control-allow-origin': origin, vary: 'Origin' });
    const strange = await server.inject({ url: '/info', headers: { origin: 'https://app.example.com.evil.test' } });
    expect(strange.headers['access-control-allow-origin']).toBeUndefined();
    expect(strange.headers.vary).toBe('Origin');
    expect((await server.inject({ url: '/info' })).headers.vary).toBe('Origin');
  });

  it('obeys the list as it is at each request', async () => {
    let origins: readonly string[] = [];
    const server = app(() => origins);
    const allowed = async () =>
      (await server.inject({ url: '/info', headers: { origin } })).headers['access-control-allow-origin'];
    expect(await allowed()).toBeUndefined();
    origins = [origin];
    expect(await allowed()).toBe(origin);
  });
});
