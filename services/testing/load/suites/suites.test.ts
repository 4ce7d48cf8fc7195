import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { metrics, settings } from '@bundler/contract';
import { itemsOf, profiles, remoteSuites, type SuiteName } from '@bundler/k6/profiles';
import { suites } from './index.ts';

const names = Object.keys(suites) as SuiteName[];
const known = new Set<string>(Object.values(metrics).map(({ name }) => name));
/** Of Node's own client library: every process has them. */
const ofNode = /^((process|nodejs)_|ALERTS$)/;
const words = new Set([
  'sum',
  'max',
  'min',
  'by',
  'rate',
  'increase',
  'deriv',
  'changes',
  'count',
  'unless',
  'or',
  'offset',
  'clamp_min',
]);

/** Names in a query that are no words of PromQL, no labels and no values. */
function metricsIn(query: string): string[] {
  const bare = query.replaceAll(/\{[^}]*\}|\[[^\]]*\]|by \([^)]*\)|\$run/g, '');
  const found = bare.match(/[a-zA-Z][a-zA-Z0-9_]*/g) ?? [];
  return found.filter((word) => !words.has(word) && !/_over_time$|^histogram_quantile$/.test(word));
}

describe('the load suites', () => {
  it('are one script of k6, one profile and one gate each', async () => {
    const scripts = await readdir(join(import.meta.dirname, '../../../../k6/suites'));
    expect(scripts.map((file) => file.replace(/\.ts$/, '')).toSorted()).toEqual(names.toSorted());
    expect(Object.keys(profiles).toSorted()).toEqual(names.toSorted());
  });

  it.each(names)('%s asks only for metrics that the platform has', (name) => {
    const { gate, observe = {} } = suites[name];
    const queries = [...gate.filter(({ of }) => of !== 'client').map(({ query }) => query), ...Object.values(observe)];
    const unknown = queries
      .flatMap(metricsIn)
      .filter((metric) => !known.has(metric.replace(/_bucket$/, '')) && !ofNode.test(metric));
    expect(unknown).toEqual([]);
    expect(queries.flatMap(metricsIn).length).toBeGreaterThan(0);
  });

  it.each(names)('%s sets only settings that there are', (name) => {
    const variables = new Set<string>(Object.values(settings).map(({ env }) => env));
    for (const size of ['short', 'full'] as const) {
      const set = Object.keys(suites[name].settings?.(size) ?? {});
      expect(set.filter((variable) => !variables.has(variable))).toEqual([]);
    }
  });

  it.each(names)('%s needs items for every scenario that uploads, at any scale', (name) => {
    for (const size of ['short', 'full'] as const) {
      for (const scale of [0.01, 0.37, 1]) {
        const profile = profiles[name]({ size, scale });
        expect(itemsOf(profile)).toBeGreaterThan(0);
        for (const { shape, items } of Object.values(profile.scenarios)) {
          if (shape.executor !== 'constant-arrival-rate') continue;
          expect(items).toBeGreaterThanOrEqual((shape.rate / 10) * Number.parseInt(shape.duration, 10));
          expect(shape.maxVUs).toBeGreaterThanOrEqual(shape.preAllocatedVUs);
        }
      }
    }
  });

  it('that need a platform of their own are not offered for others', () => {
    expect(names.filter((name) => suites[name].platform !== 'own')).toEqual([...remoteSuites]);
  });

  it('is as hard as the plan at full scale', () => {
    const rateOf = (name: SuiteName): unknown => profiles[name]({ size: 'full', scale: 1 }).scenarios.uploads?.shape;
    expect(rateOf('throughput-200')).toMatchObject({ rate: 2000, timeUnit: '10s', duration: '1800s' });
    expect(rateOf('knee')).toMatchObject({ startRate: 200, stages: [{ target: 4000, duration: '300s' }] });
  });
});
