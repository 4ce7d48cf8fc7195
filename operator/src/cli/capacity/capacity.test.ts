import { readFileSync } from 'node:fs';
import { defaultSpec, readSpec, type SpecConfig } from '@bundler/contract';
import fc from 'fast-check';
import { capacityLines } from '../commands/capacity.ts';
import { painter } from '../text.ts';
import { capacityOf } from './capacity.ts';
import { figures } from './figures.ts';
import { DEFAULT_MIX, type Load, parseMix } from './load.ts';

const config = (spec: object = {}): SpecConfig =>
  readSpec({ ...defaultSpec(), ...spec }, 'cluster').config as SpecConfig;
const load = (uploadsPerSecond: number, other: Partial<Load> = {}): Load => ({
  uploadsPerSecond,
  mix: parseMix(DEFAULT_MIX),
  roundTripMs: 1,
  gatewayRoundTripMs: 200,
  coresPerPod: 1,
  ...other,
});
const needs = (wanted: Load, spec = config()) =>
  new Map(capacityOf(wanted, spec).lines.map(({ component, needed }) => [component, needed]));

const specs = { 'the defaults': config(), 'combined workers': config({ workers: { layout: 'Combined' } }) };
const loads = fc.record({
  uploadsPerSecond: fc.double({ min: 0.01, max: 5000, noNaN: true }),
  mix: fc
    .array(fc.record({ bytes: fc.integer({ min: 1, max: 5 * 2 ** 30 }), share: fc.integer({ min: 1, max: 100 }) }), {
      minLength: 1,
      maxLength: 4,
    })
    .map((pairs) => parseMix(pairs.map(({ bytes, share }) => `${bytes}=${share}`).join(','))),
  roundTripMs: fc.double({ min: 0.1, max: 50, noNaN: true }),
  gatewayRoundTripMs: fc.double({ min: 1, max: 2000, noNaN: true }),
  coresPerPod: fc.double({ min: 0.25, max: 8, noNaN: true }),
});

describe('what a load needs', () => {
  it.each([10, 100, 200, 1000])('is what it was, for %d uploads a second on the defaults', (rate) => {
    expect(capacityLines(capacityOf(load(rate), config()), undefined, painter(false)).join('\n')).toMatchSnapshot();
  });

  describe.each(Object.entries(specs))('with %s', (_, spec) => {
    const expectForAll = (
      holds: (lighter: Load, heavier: Load) => void,
      heavier: (wanted: Load, factor: number) => Load,
    ) => {
      const run = fc.property(loads, fc.double({ min: 1, max: 20, noNaN: true }), (wanted, factor) =>
        holds(wanted, heavier(wanted, factor)),
      );
      fc.assert(run, { seed: 104, numRuns: 500 });
    };
    const neverFewer = (lighter: Load, heavier: Load): void => {
      const [few, many] = [needs(lighter, spec), needs(heavier, spec)];
      for (const [component, pods] of few) expect(many.get(component)).toBeGreaterThanOrEqual(pods);
    };

    it('is never fewer pods for more uploads', () => {
      expectForAll(neverFewer, (wanted, factor) => ({ ...wanted, uploadsPerSecond: wanted.uploadsPerSecond * factor }));
    });

    it('is never fewer pods when PostgreSQL or the gateway are farther away', () => {
      expectForAll(neverFewer, (wanted, factor) => ({ ...wanted, roundTripMs: wanted.roundTripMs * factor }));
      expectForAll(neverFewer, (wanted, factor) => ({
        ...wanted,
        gatewayRoundTripMs: wanted.gatewayRoundTripMs * factor,
      }));
    });

    it('is never fewer pods when each has less CPU', () => {
      expectForAll(neverFewer, (wanted, factor) => ({ ...wanted, coresPerPod: wanted.coresPerPod / factor }));
    });

    it('is never fewer bytes, jobs or connections for more uploads', () => {
      expectForAll(
        (lighter, heavier) => {
          const [few, many] = [capacityOf(lighter, spec), capacityOf(heavier, spec)];
          expect(many.connections.possible).toBeGreaterThanOrEqual(few.connections.possible);
          expect(many.objectStore.bytesPerDay).toBeGreaterThanOrEqual(few.objectStore.bytesPerDay);
          expect(many.redis.cache).toBeGreaterThanOrEqual(few.redis.cache);
          expect(many.redis.queue).toBeGreaterThanOrEqual(few.redis.queue);
        },
        (wanted, factor) => ({ ...wanted, uploadsPerSecond: wanted.uploadsPerSecond * factor }),
      );
    });
  });

  it('is fewer seeders when each does more at once', () => {
    const slow = load(500, { gatewayRoundTripMs: 500 });
    const wide = config({ workers: { seed: { concurrency: 8 } } });
    expect(needs(slow, wide).get('workers-seed')).toBeLessThan(needs(slow).get('workers-seed') ?? 0);
  });

  it('names what gives way first, and what a spec lacks', () => {
    const small = config({ upload: { autoscaling: { mode: 'Fixed' }, replicas: 1 } });
    const { bottleneck, problems } = capacityOf(load(2000, { mix: parseMix('1Ki=1') }), small);
    expect(bottleneck).toBe('upload');
    expect(problems).toContainEqual(
      expect.stringMatching(/^upload needs \d+ pods for their CPU, and the spec has 1 at most$/),
    );
    expect(capacityOf(load(1), small).problems).toEqual([]);
  });

  it('counts the connections to the payment database where there is one, whatever the load', () => {
    const paid = (maxConnections: number) =>
      config({ payment: { enabled: true, secretRef: { name: 'payment' }, database: { maxConnections } } });
    const text = (rate: number, spec: SpecConfig): string =>
      capacityLines(capacityOf(load(rate), spec), undefined, painter(false)).join('\n');
    expect(text(10, config())).not.toContain('payment');
    for (const rate of [10, 1000])
      expect(text(rate, paid(0))).toContain(
        'connections to the payment database: 62 possible of an unknown number available',
      );
    expect(capacityOf(load(10), paid(62)).problems).toEqual([]);
    expect(capacityOf(load(10), paid(61)).problems).toEqual([
      'the pods could hold 62 connections to the payment database, and there are 61',
    ]);
    expect(capacityOf(load(10), paid(0)).connections).toEqual(capacityOf(load(10), config()).connections);
  });

  it('sends what is larger than a bundle through its own lane', () => {
    const large = needs(load(0.5, { mix: parseMix('3Gi=1') }));
    expect(large.get('workers-oversized-data-item')).toBeGreaterThan(1);
    expect(large.get('workers-seed')).toBe(1);
  });
});

describe('the figures it comes from', () => {
  const page = readFileSync(new URL(`../../../../${figures.source}`, import.meta.url), 'utf8');
  const cpuOf = (item: string): number[] => {
    const table = page.slice(page.indexOf('CPU per upload by part'));
    const row = table.split('\n').find((line) => line.startsWith(`| ${item} | 50 |`)) ?? '';
    return row.split('|').slice(3, 6).map(Number);
  };

  it.each([figures.small, figures.medium])('are those of the bench: $item', ({ item, api, workers, postgres }) => {
    expect(cpuOf(item)).toEqual([api, workers, postgres]);
  });

  it('are those of its large uploads, of the pipeline and of its date', () => {
    const { prepared, planMsPerItem, largeMegabytesPerSecond, date } = figures;
    expect(page).toContain(`ten of 256 MiB at once: ${largeMegabytesPerSecond} MB/s`);
    expect(page).toContain(`data root of ${prepared.mebibytes} MiB`);
    expect(page).toContain(`whole prepare: ${prepared.seconds} s`);
    expect(page).toContain(`${planMsPerItem} ms CPU each`);
    expect(page).toContain(`on ${date}`);
  });
});

describe('a mix of sizes', () => {
  it('is shares of any sum', () => {
    expect(parseMix('1Ki=3, 1Mi=1')).toEqual([
      { bytes: 1024, share: 0.75 },
      { bytes: 1024 ** 2, share: 0.25 },
    ]);
  });

  it.each(['', '1Ki', '1Ki=0', '1Ki=-1', 'big=1', '0=1', '1Ki=1,'])('is refused when it is %j', (text) => {
    expect(() => parseMix(text)).toThrow('a mix is sizes with their shares');
  });
});
