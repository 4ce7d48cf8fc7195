import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import type { Logger, Tracing, TracingConfig } from '@bundler/runtime';
import { context, diag, propagation, trace } from '@opentelemetry/api';
import { openTelemetry } from './open-telemetry.ts';

const UPLOAD = '00-0123456789abcdef0123456789abcdef-0123456789abcdef-01';

describe('spans on their way to a collector', () => {
  const bodies: Buffer[] = [];
  let told: string[];
  let server: Server;
  let answering: RequestListener;
  beforeEach(async () => {
    bodies.length = 0;
    told = [];
    answering = (_, response) => void response.end();
    server = createServer((request, response) => {
      void buffer(request).then((body) => bodies.push(body));
      answering(request, response);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterEach(async () => {
    for (const api of [trace, context, diag, propagation]) api.disable();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  function open(samplePercent: number, other: Partial<TracingConfig> = {}): Tracing {
    const note = (...[, message]: unknown[]): void => void told.push(String(message));
    const config: TracingConfig = {
      tracingEnabled: true,
      tracingEndpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      tracingHeaders: '',
      tracingSamplePercent: samplePercent,
      tracingServiceName: 'test',
      ...other,
    };
    return openTelemetry('test', config, { info: note, warn: note } as unknown as Logger);
  }

  /** Whether the names were in what was sent, in their order. */
  const sent = (...names: string[]): boolean[] => names.map((name) => Buffer.concat(bodies).includes(name));

  it('are all given to it when the process stops', async () => {
    const tracing = open(100);
    await tracing.span('outer', { parent: null }, async () => tracing.span('inner', {}, async () => undefined));
    await tracing.close();
    expect(sent('outer', 'inner')).toEqual([true, true]);
  });

  it('are kept for an upload that is traced, and begin where work begins, never where it waits', async () => {
    const tracing = open(0);
    await tracing.span('by chance', { parent: null }, async () => {
      expect([tracing.ids()?.sampled, tracing.traceParent()]).toEqual([false, undefined]);
    });
    await tracing.span('kept', { parent: null, links: [UPLOAD], sampled: true }, async () =>
      trace.getTracer('pg').startSpan('query within').end(),
    );
    trace.getTracer('pg').startSpan('query outside').end();
    tracing.record('permanent', { parent: UPLOAD }, Date.now() - 1000);
    tracing.start('nobody', { parent: 'nonsense' }).end();
    await tracing.close();
    expect(sent('by chance', 'kept', 'query within', 'query outside', 'permanent', 'nobody')).toEqual([
      false,
      true,
      true,
      false,
      true,
      false,
    ]);
  });

  /** What a request that is sent now would say of its trace. */
  function saidInRequests(): string | undefined {
    const headers: Record<string, string> = {};
    propagation.inject(context.active(), headers);
    return headers.traceparent;
  }

  it('are told of to whom our own services ask, whether they are kept or not, and to nobody else', async () => {
    for (const [samplePercent, flags] of [
      [100, '01'],
      [0, '00'],
    ] as const) {
      const tracing = open(samplePercent);
      await tracing.span('upload', { parent: null }, async () => {
        const { spanId, traceId } = tracing.ids()!;
        expect(saidInRequests()).toBeUndefined();
        expect(tracing.telling(saidInRequests)).toBe(`00-${traceId}-${spanId}-${flags}`);
      });
      expect(tracing.telling(saidInRequests)).toBeUndefined();
      await tracing.close();
      for (const api of [trace, context, diag, propagation]) api.disable();
    }
  });

  it('name the kind of an error and not what it says', async () => {
    const tracing = open(100);
    const failing = tracing.span('failing', { parent: null }, async () => {
      throw Object.assign(new Error('hunter2'), { code: 'ECONNREFUSED' });
    });
    await expect(failing).rejects.toThrow('hunter2');
    await tracing.close();
    expect(sent('failing', 'ECONNREFUSED', 'hunter2')).toEqual([true, true, false]);
  });

  it('are none of what is done outside of a trace', async () => {
    const tracing = open(100);
    await tracing.span('seed', { parent: null }, async () =>
      tracing.outside(() => {
        tracing.start('chunk').end();
        expect([tracing.ids(), tracing.traceParent()]).toEqual([undefined, undefined]);
      }),
    );
    await tracing.close();
    expect(sent('seed', 'chunk')).toEqual([true, false]);
  });

  it('are given up after three seconds when it takes them and is silent, and the log says so', async () => {
    answering = () => undefined;
    const tracing = open(100);
    tracing.start('lost', { parent: null }).end();
    const start = performance.now();
    await tracing.close();
    expect(performance.now() - start).toBeLessThan(4500);
    expect(sent('lost')).toEqual([true]);
    expect(told.at(-1)).toBe('the last spans were not taken by the collector');
  });

  it('are given up when it is away, and nobody who made them is told', async () => {
    const tracing = open(100, { tracingEndpoint: 'http://127.0.0.1:1' });
    await expect(tracing.span('lost', { parent: null }, async () => 'done')).resolves.toBe('done');
    await tracing.close();
    expect(told.at(-1)).toMatch('the last spans were not taken');
  });
});
