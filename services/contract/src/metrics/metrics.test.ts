import { type ErrorCode, errors } from '../errors.ts';
import { objectives, sizeCategory } from '../objectives.ts';
import {
  type MetricDefinition,
  metrics,
  operatorMetrics,
  outcomeOfError,
  sharedNames,
  unmatchedNames,
} from './index.ts';

const all: readonly MetricDefinition[] = [
  ...Object.values(metrics),
  ...Object.values(operatorMetrics).filter(({ name }) => name !== 'bundler_build_info'),
];

describe('the catalogue of metrics', () => {
  it('has the names, labels and bounds of the scale plan', () => {
    const labelsOf = (name: string) => Object.keys(all.find((metric) => metric.name === name)!.labels);
    expect(labelsOf('db_pool_size')).toEqual(['pool']);
    expect(labelsOf('db_pool_free')).toEqual(['pool']);
    expect(labelsOf('queue_depth')).toEqual(['queue']);
    expect(labelsOf('circuit_breaker_state')).toEqual(['service']);
    expect(labelsOf('oversized_data_items_total')).toEqual([]);
    expect(labelsOf('upload_latency_seconds')).toEqual(['size_category']);
    expect(metrics.uploadLatency.buckets).toEqual(expect.arrayContaining([0.1, 0.5, 1, 5, 10, 30, 60, 120, 300]));
    const MiB = 1024 * 1024;
    expect([1, MiB - 1, MiB, 100 * MiB - 1, 100 * MiB].map(sizeCategory)).toEqual([
      'small',
      'small',
      'medium',
      'medium',
      'large',
    ]);
  });

  it('has a bucket for each promise, so that a share of buckets tells exactly whether it is kept', () => {
    const promised = Object.values(objectives.uploadLatency).map(({ p99Seconds }) => p99Seconds);
    expect(metrics.uploadLatency.buckets).toEqual(expect.arrayContaining(promised));
  });

  it('names nothing twice, and bounds every label', () => {
    expect(all.map(({ name }) => name).toSorted()).toEqual([...new Set(all.map(({ name }) => name))].toSorted());
    for (const { labels, name } of all) {
      for (const [label, values] of Object.entries(labels))
        expect({ name, label, known: values.length > 0 }).toMatchObject({ known: true });
    }
  });

  it('has buckets that rise', () => {
    for (const { buckets = [] } of all) expect(buckets).toEqual(buckets.toSorted((one, other) => one - other));
  });
});

describe('the legacy names of metrics', () => {
  const aliases = all.flatMap(({ labels, legacy = [], type }) =>
    legacy.map((one) => ({ ...one, labels: one.labels ?? {}, type, ours: labels })),
  );
  /** The names of its series, and that of its family in OpenMetrics. */
  const printed = ({ name, type }: Pick<MetricDefinition, 'name' | 'type'>): string[] =>
    type === 'histogram'
      ? [name, `${name}_bucket`, `${name}_sum`, `${name}_count`]
      : [...new Set([name, name.replace(/_total$/, '')])];
  const ofOurs = new Set(all.flatMap(printed));

  it('are never a name of ours, nor of each other, in any format', () => {
    const names = aliases.flatMap(printed);
    expect(names.filter((name) => ofOurs.has(name))).toEqual([]);
    expect(names.toSorted()).toEqual([...new Set(names)].toSorted());
    expect(aliases.map(({ name }) => name).filter((name) => !/^[a-z][a-z_]*$/.test(name))).toEqual([]);
  });

  it('speak of values that the labels of ours can have', () => {
    const isPossible = (values: MetricDefinition['labels'][string], value: string): boolean =>
      typeof values === 'string' || values.includes(value);
    for (const { labels, name, only = {}, ours } of aliases) {
      const spoken = [
        ...Object.entries(only),
        ...Object.values(labels).flatMap(({ from, values = {} }) =>
          Object.keys(values).map((value) => [from, value] as const),
        ),
      ];
      const impossible = spoken.filter(([label, value]) => !isPossible(ours[label] ?? [], value ?? ''));
      expect({ name, impossible }).toEqual({ name, impossible: [] });
    }
  });

  it('are told from names that both have, and from those that nothing here matches', () => {
    const known = new Set([...ofOurs, ...aliases.flatMap(printed)]);
    expect(Object.keys(sharedNames).filter((name) => !all.some((metric) => metric.name === name))).toEqual([]);
    const unmatched = unmatchedNames.flatMap(({ names }) => names);
    expect(unmatched.filter((name) => known.has(name))).toEqual([]);
    expect(unmatched.toSorted()).toEqual([...new Set(unmatched)].toSorted());
  });
});

describe('how an upload ended', () => {
  it.each<[ErrorCode, string]>([
    ['invalid_data_item', 'client_error'],
    ['data_item_too_large', 'client_error'],
    ['blocked_owner', 'client_error'],
    ['incomplete_body', 'aborted'],
    ['insufficient_balance', 'payment_required'],
    ['free_quota_used', 'payment_required'],
    ['rate_limited', 'rate_limited'],
    ['overloaded', 'shed'],
    ['payment_unavailable', 'shed'],
    ['unavailable', 'server_error'],
    ['internal', 'server_error'],
  ])('is, with the error %s, %s', (code, outcome) => expect(outcomeOfError(code)).toBe(outcome));

  it("is the service's fault for no error below 500", () => {
    const blamed = (Object.keys(errors) as ErrorCode[]).filter((code) =>
      ['server_error', 'shed'].includes(outcomeOfError(code)),
    );
    expect(blamed.filter((code) => errors[code].status < 500)).toEqual([]);
  });
});
