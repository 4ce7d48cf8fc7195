import { metrics as catalogue, type MetricDefinition } from '@bundler/contract';
import { expose } from './exposition.ts';
import { underLegacyName } from './legacy-metric.ts';
import { createMetrics, type Metrics, observeTraced } from './metrics.ts';
import { setTraceSource } from './trace.ts';

const OPEN_METRICS = 'application/openmetrics-text;version=1.0.0';
const PLAIN = 'text/plain';

describe('figures under a legacy name', () => {
  const sample = (queue: string, outcome: string, value: number) => ({ labels: { queue, outcome }, value });
  const samples = [sample('plan', 'done', 5), sample('plan', 'failed', 2), sample('redrive', 'done', 7)];

  it('are added up where they differ in no label that there is', () => {
    expect(underLegacyName(samples, { name: 'old_count' })).toEqual([{ labels: {}, value: 14 }]);
    expect(underLegacyName(samples, { name: 'old_count', labels: { job_name: { from: 'queue' } } })).toEqual([
      { labels: { job_name: 'plan' }, value: 7 },
      { labels: { job_name: 'redrive' }, value: 7 },
    ]);
  });

  it('are those that the name is about', () => {
    expect(underLegacyName(samples, { name: 'old_count', only: { outcome: 'failed' } })).toEqual([
      { labels: {}, value: 2 },
    ]);
  });

  it('have the old values of labels, and are none where there is no such value', () => {
    const labels = { job_name: { from: 'queue', values: { plan: 'plan-bundle' } } };
    expect(underLegacyName(samples, { name: 'old_count', labels })).toEqual([
      { labels: { job_name: 'plan-bundle' }, value: 7 },
    ]);
  });

  it('stay apart by bucket', () => {
    const bucket = (outcome: string, le: number | string, value: number) => ({
      metricName: 'ours_bucket',
      labels: { outcome, le },
      value,
    });
    const buckets = [
      bucket('done', 1, 2),
      bucket('done', '+Inf', 3),
      bucket('failed', 1, 0),
      bucket('failed', '+Inf', 4),
    ];
    expect(underLegacyName(buckets, { name: 'old' })).toEqual([
      { metricName: 'ours_bucket', labels: { le: 1 }, value: 2 },
      { metricName: 'ours_bucket', labels: { le: '+Inf' }, value: 7 },
    ]);
  });
});

describe('legacy names in an exposition', () => {
  const aliased: readonly MetricDefinition[] = Object.values(catalogue).filter((one) => 'legacy' in one);
  const names = aliased.flatMap(({ legacy = [] }) => legacy.map(({ name }) => name));
  let metrics: Metrics;

  beforeEach(() => {
    metrics = createMetrics({ legacyNames: true });
    metrics.jobsProcessed.inc({ queue: 'plan', outcome: 'failed' }, 3);
    metrics.breakerEvents.inc({ service: 'payment', event: 'open' });
    metrics.breakerEvents.inc({ service: 'payment', event: 'close' });
    setTraceSource(() => '0af7651916cd43dd8448eb211c80319c');
    observeTraced(metrics.jobDurations, { queue: 'plan', outcome: 'done' }, 0.7);
    observeTraced(metrics.jobDurations, { queue: 'plan', outcome: 'failed' }, 0.02);
  });
  afterEach(() => setTraceSource(() => undefined));

  const linesOf = (text: string, name: string): string[] => text.split('\n').filter((line) => line.startsWith(name));

  it('are not there when nobody asked for them', async () => {
    const { text } = await expose(createMetrics().registry, PLAIN);
    expect(names.filter((name) => text.includes(name))).toEqual([]);
  });

  it('are all there otherwise, beside ours, and only where ours are', async () => {
    const { text } = await expose(metrics.registry, PLAIN);
    expect(names.length).toBeGreaterThan(5);
    expect(names.filter((name) => !text.includes(`# TYPE ${name} `))).toEqual([]);
    expect(text).toContain('jobs_processed_total{queue="plan",outcome="failed"} 3');
    const upload = await expose(createMetrics({ component: 'upload', legacyNames: true }).registry, PLAIN);
    expect(upload.text).toContain('local_cache_data_item_hit_count 0');
    expect(upload.text).not.toContain('fulfillment_job');
  });

  it.each([PLAIN, OPEN_METRICS])('are the same series in %s', async (accept) => {
    const { text } = await expose(metrics.registry, accept);
    expect(linesOf(text, 'fulfillment_job_failures{')).toEqual(['fulfillment_job_failures{job_name="plan-bundle"} 3']);
    expect(linesOf(text, 'circuit_breaker_open_count{')).toEqual(['circuit_breaker_open_count{breaker="payment"} 1']);
    expect(linesOf(text, 'posted_bundle_redrive_total')).toEqual([
      'posted_bundle_redrive_total{result="reenqueued"} 0',
    ]);
    const durations = 'fulfillment_job_durations_seconds';
    expect(linesOf(text, `${durations}_sum`)).toEqual([`${durations}_sum{job_name="plan-bundle"} 0.72`]);
    const buckets = linesOf(text, `${durations}_bucket`).map((line) => line.split(' ').slice(1).join(' '));
    expect(buckets).toEqual(['0', '1', '1', '1', '2', '2', '2', '2', '2', '2', '2', '2']);
    expect(linesOf(text, `${durations}_count`)).toEqual([`${durations}_count{job_name="plan-bundle"} 2`]);
  });

  it('follow what ours say, without anybody counting twice', async () => {
    metrics.jobsProcessed.inc({ queue: 'plan', outcome: 'failed' });
    metrics.inFlightDuplicates.inc(2);
    const { text } = await expose(metrics.registry, PLAIN);
    expect(text).toContain('fulfillment_job_failures{job_name="plan-bundle"} 4');
    expect(text).toContain('local_cache_data_item_hit_count 2');
  });

  it('say what they are in either format: of a counter that lacks _total, OpenMetrics knows no type', async () => {
    const typesIn = async (accept: string): Promise<(string | undefined)[]> => {
      const { text } = await expose(metrics.registry, accept);
      return ['refund_failed_call_count', 'posted_bundle_redrive', 'fulfillment_job_durations_seconds'].map(
        (name) => new RegExp(`^# TYPE ${name}(?:_total)? (\\w+)$`, 'm').exec(text)?.[1],
      );
    };
    expect(await typesIn(PLAIN)).toEqual(['counter', 'counter', 'histogram']);
    expect(await typesIn(OPEN_METRICS)).toEqual(['unknown', 'counter', 'histogram']);
    expect((await expose(metrics.registry, OPEN_METRICS)).text).toMatch(
      /^# HELP fulfillment_job_failures A legacy name of jobs_processed_total where outcome is failed\.$/m,
    );
  });
});
