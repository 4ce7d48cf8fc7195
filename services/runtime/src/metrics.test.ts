import { createServer } from 'node:net';
import { expose } from './exposition.ts';
import { createMetrics, observeTraced } from './metrics.ts';
import { setTraceSource } from './trace.ts';

const ACCEPTS_OPEN_METRICS = 'application/openmetrics-text;version=1.0.0,text/plain;q=0.5';
const line = (text: string, start: string): string | undefined => text.split('\n').find((one) => one.startsWith(start));

describe('the metrics of a process', () => {
  it('count from 0 what has not happened yet, where all that can happen is known', async () => {
    const text = await createMetrics().registry.metrics();
    expect(line(text, 'load_shed_total{reason="overloaded"}')).toMatch(/ 0$/);
    expect(text).not.toContain('arweave_gateway_requests_total{');
  });

  it('are those that this process reports, while what it shares with others can count everywhere', async () => {
    const metrics = createMetrics({ component: 'upload' });
    metrics.oversizedItems.inc();
    const text = await metrics.registry.metrics();
    expect(text).toContain('# TYPE queue_depth gauge');
    expect(text).not.toContain('oversized_data_items_total');
  });

  it('have no gauges of Node that are named like counters', async () => {
    // One handle that is surely open, whatever the output of this process goes to.
    const handle = createServer().listen(0);
    const text = await createMetrics({ processMetrics: true }).registry.metrics();
    handle.close();
    expect(text).toContain('nodejs_active_handles{');
    const misnamed = [...text.matchAll(/^# TYPE (\w+_total) (\w+)$/gm)].filter(([, , type]) => type !== 'counter');
    expect(misnamed).toEqual([]);
  });
});

describe('an exposition', () => {
  afterEach(() => setTraceSource(() => undefined));

  it('names the trace that a bucket was filled by, in OpenMetrics', async () => {
    const { registry, uploadLatency } = createMetrics();
    setTraceSource(() => '0af7651916cd43dd8448eb211c80319c');
    observeTraced(uploadLatency, { size_category: 'small' }, 0.2);
    const { contentType, text } = await expose(registry, ACCEPTS_OPEN_METRICS);
    expect(contentType).toMatch(/^application\/openmetrics-text/);
    expect(line(text, 'upload_latency_seconds_bucket{le="0.25",size_category="small"}')).toMatch(
      / 1 # \{trace_id="0af7651916cd43dd8448eb211c80319c"\} 0\.2 [\d.]+$/,
    );
    expect(line(text, 'upload_latency_seconds_bucket{le="0.5",size_category="small"}')).toMatch(/ 1$/);
  });

  it('names none while nothing is traced, and none in plain text', async () => {
    const { registry, uploadLatency } = createMetrics();
    observeTraced(uploadLatency, { size_category: 'small' }, 0.2);
    expect((await expose(registry, ACCEPTS_OPEN_METRICS)).text).not.toContain('trace_id');
    setTraceSource(() => '0af7651916cd43dd8448eb211c80319c');
    observeTraced(uploadLatency, { size_category: 'small' }, 0.2);
    const plain = await expose(registry, '*/*');
    expect(plain.contentType).toMatch(/^text\/plain/);
    expect(plain.text).not.toContain('trace_id');
    expect(line(plain.text, 'upload_latency_seconds_count')).toMatch(/ 2$/);
  });

  it('is the same plain text before and after somebody took OpenMetrics', async () => {
    const { registry } = createMetrics();
    const before = await expose(registry, undefined);
    const open = await expose(registry, ACCEPTS_OPEN_METRICS);
    expect(open.text).toContain('# TYPE load_shed counter');
    expect(open.text).toContain('load_shed_total{reason="overloaded"} 0');
    expect(await expose(registry, undefined)).toEqual(before);
  });
});
