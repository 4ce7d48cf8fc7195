import { alerts, notDrilled } from '@bundler/dashboards';
import { type Fault, faults } from './faults/index.ts';
import { haveArrived, isGood, measure } from './measure.ts';
import { withRepeated } from './merge.ts';
import type { Delivery } from './monitoring/webhook.ts';
import { chooseFaults } from './options.ts';

const fault: Fault = {
  name: 'tap-open',
  what: 'somebody leaves the tap open',
  cause: async () => async () => undefined,
  alerts: ['BundlerWet'],
  companions: ['BundlerRust'],
  minutes: 1,
};
const times = { caused: 1_000_000, undone: 1_090_000 };

function arrived(
  alertname: string,
  status: Delivery['status'],
  second: number,
  more: Partial<Delivery> = {},
): Delivery {
  const labels = { alertname, config: 'tap-open', severity: 'critical' };
  const at = 1_000_000 + second * 1000;
  return { at, status, receiver: 'bundler-page', fingerprint: alertname, labels, annotations: {}, ...more };
}
const good = [arrived('BundlerWet', 'firing', 70), arrived('BundlerWet', 'resolved', 300)];

describe('a fault of the drill', () => {
  it('takes so many seconds until its alert arrives, and so many from its end until that is over', () => {
    const result = measure(fault, good, times);
    expect(result.arrivals).toEqual([{ alert: 'BundlerWet', severity: 'critical', toAlert: 70, toRecovery: 210 }]);
    expect(isGood(result)).toBe(true);
  });

  it('is not well when its alert comes after its end, or is never over', () => {
    const [firing, resolved] = good as [Delivery, Delivery];
    const late = measure(fault, [{ ...firing, at: times.undone + 1 }, resolved], times);
    expect([late.arrivals[0]!.toAlert, isGood(late)]).toEqual([undefined, false]);
    const endless = measure(fault, [firing], times);
    expect([endless.arrivals[0]!.toRecovery, isGood(endless)]).toEqual([undefined, false]);
  });

  it('does not take an alert for its own that was there before, or is of another platform', () => {
    const before = arrived('BundlerWet', 'firing', -1);
    const other = arrived('BundlerWet', 'firing', 5, { labels: { alertname: 'BundlerWet', config: 'other' } });
    expect(haveArrived(fault, [before, other], times.caused)).toBe(false);
    expect(haveArrived(fault, [before, other, ...good], times.caused)).toBe(true);
  });

  it('may wake somebody with what it declares, make tickets of anything, and do no more', () => {
    const ticket = arrived('BundlerMould', 'firing', 60, { receiver: 'bundler-ticket' });
    const companion = arrived('BundlerRust', 'firing', 60);
    const declared = measure(fault, [...good, ticket, companion], times);
    expect([declared.also, declared.unexpected, isGood(declared)]).toEqual([['BundlerMould', 'BundlerRust'], [], true]);
    const more = measure(fault, [...good, arrived('BundlerMould', 'firing', 60)], times);
    expect([more.unexpected, isGood(more)]).toEqual([['BundlerMould'], false]);
  });

  it('is not well when its alert is told to be over while it lasts', () => {
    const result = measure(fault, [...good, arrived('BundlerWet', 'resolved', 80)], times);
    expect([result.early, isGood(result)]).toEqual([['BundlerWet'], false]);
  });
});

describe('a drill of which some faults are repeated', () => {
  const seen = (began: number, names: readonly string[], loadAverage: number) => ({
    faults: names.map((name) => measure({ ...fault, name }, [], { caused: began, undone: began })),
    calm: ['BundlerWet'],
    heartbeats: 10,
    longestSilence: began,
    brokenLinks: [],
    began: [began],
    minutes: 20,
    machines: ['a machine'],
    loadAverage,
  });

  it('keeps what was seen of the others, and the worst of what was seen beside them', () => {
    const both = withRepeated(seen(60, ['one', 'two'], 3), seen(90, ['two', 'three'], 2));
    expect(both.faults.map(({ caused, fault: { name } }) => [name, caused])).toEqual([
      ['one', 60],
      ['two', 90],
      ['three', 90],
    ]);
    expect(both).toMatchObject({
      calm: ['BundlerWet'],
      heartbeats: 20,
      longestSilence: 90,
      minutes: 40,
      machines: ['a machine'],
      loadAverage: 3,
    });
  });
});

describe('the faults of the drill', () => {
  it('make every alert arrive but those that are left out for a reason, and the heartbeat, which needs none', () => {
    const drilled = new Set<string>(faults.flatMap((one) => one.alerts));
    const missing = alerts.map(({ name }) => name).filter((name) => !drilled.has(name));
    expect(missing.toSorted()).toEqual(['BundlerWatchdog', ...Object.keys(notDrilled)].toSorted());
  });

  it('name alerts that there are', () => {
    const known = new Set<string>(alerts.map(({ name }) => name));
    expect(
      faults.flatMap((one) => [...one.alerts, ...(one.companions ?? [])]).filter((name) => !known.has(name)),
    ).toEqual([]);
  });

  it('are chosen by name, and a name that none has is refused', () => {
    expect(chooseFaults('payment-hangs,row-lost').map(({ name }) => name)).toEqual(['payment-hangs', 'row-lost']);
    expect(chooseFaults('')).toHaveLength(faults.length);
    expect(() => chooseFaults('flood')).toThrow('there is no fault flood; there are payment-hangs');
  });
});
