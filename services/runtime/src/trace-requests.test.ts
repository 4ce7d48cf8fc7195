import Fastify from 'fastify';
import { type RequestTracing, traceRequests } from './trace-requests.ts';
import type { SpanOptions, Tracing } from './tracing.ts';

const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
const attributes = { 'http.request.method': 'GET', 'http.route': '/price' };
const span = { run: <T>(work: () => T): T => work(), set: () => undefined, end: () => undefined };

/** The spans that requests to a service begin. */
async function spansOf(
  { trustedProxies = 0, isOurs }: { trustedProxies?: number; isOurs?: RequestTracing['isOurs'] },
  ...requests: { url?: string; headers?: Record<string, string> }[]
): Promise<[string, SpanOptions | undefined][]> {
  const begun: [string, SpanOptions | undefined][] = [];
  const tracing: Pick<Tracing, 'start' | 'ids'> = {
    start: (name, options) => {
      begun.push([name, options]);
      return span;
    },
    ids: () => ({ traceId: 'c'.repeat(32), spanId: 'd'.repeat(16), sampled: true }),
  };
  const app = Fastify();
  traceRequests(app, {
    tracing: tracing as Tracing,
    trustedProxies: () => trustedProxies,
    ...(isOurs && { isOurs }),
  });
  app.get('/price', async () => 'much');
  app.get('/health', { config: { untraced: true } }, async () => 'well');
  for (const request of requests) await app.inject({ url: '/price', ...request });
  await app.close();
  return begun;
}

describe('the span of a request', () => {
  it('begins a trace, with a link to what a stranger says', async () => {
    expect(await spansOf({}, {}, { headers: { traceparent } })).toEqual([
      ['GET /price', { kind: 'server', attributes, parent: null }],
      ['GET /price', { kind: 'server', attributes, parent: null, links: [traceparent] }],
    ]);
  });

  it('goes on with the trace that a trusted proxy hands on, and begins one where it hands on none', async () => {
    const spans = await spansOf({ trustedProxies: 1 }, { headers: { traceparent } }, {});
    expect(spans.map(([, options]) => options?.parent)).toEqual([traceparent, null]);
  });

  it('goes on with the trace of a service of ours, and begins none where that has none', async () => {
    const isOurs: RequestTracing['isOurs'] = ({ headers }) => headers.authorization === 'our token';
    const authorization = 'our token';
    const spans = await spansOf(
      { isOurs },
      { headers: { traceparent, authorization } },
      { headers: { authorization } },
      { headers: { traceparent, authorization: 'another' } },
    );
    expect(spans.map(([, options]) => [options?.parent, options?.links])).toEqual([
      [traceparent, undefined],
      [undefined, undefined],
      [null, [traceparent]],
    ]);
  });

  it('is there for what no route is for, and not for probes', async () => {
    const spans = await spansOf({}, { url: '/health' }, { url: '/nowhere' });
    expect(spans.map(([name]) => name)).toEqual(['GET none']);
  });

  it('is told to the client by the id of its trace', async () => {
    const app = Fastify();
    const tracing = { start: () => span, ids: () => ({ traceId: 'c'.repeat(32) }) };
    traceRequests(app, { tracing: tracing as unknown as Tracing, trustedProxies: () => 0 });
    app.get('/price', async () => 'much');
    expect((await app.inject('/price')).headers['x-request-id']).toBe('c'.repeat(32));
  });
});
