import { writesBetween } from './gateway-view.ts';
import { type BundleView, describeStage } from './stage.ts';

type Status = Parameters<typeof describeStage>[0];
const status = (info: 'new' | 'pending' | 'permanent' | 'failed', more: object = {}) => ({ info, ...more }) as Status;
const unknown: BundleView = { known: false, confirmations: undefined, unpacked: false };
const bundleId = 'b';

describe('describeStage', () => {
  it.each<[string, Status, BundleView]>([
    ['accepted', status('new'), unknown],
    ['planned into bundle b', status('pending', { bundleId }), unknown],
    ['posted', status('pending', { bundleId }), { ...unknown, known: true }],
    ['mined, 2 of 18 confirmations', status('pending', { bundleId }), { ...unknown, known: true, confirmations: 2 }],
    [
      'mined, seeded, 3 of 18 confirmations',
      status('pending', { bundleId }),
      { known: true, confirmations: 3, unpacked: true },
    ],
    ['permanent', status('permanent', { bundleId }), { known: true, confirmations: 18, unpacked: true }],
    ['failed: too large', status('failed', { reason: 'too large' }), unknown],
  ])('says "%s"', (words, item, bundle) => {
    expect(describeStage(item, bundle, 18)).toBe(words);
  });
});

describe('writesBetween', () => {
  it('names every route by which something new was written', () => {
    const before = { 'POST /tx': { total: 1 }, 'POST /chunk': { total: 2 }, 'GET /info': { total: 9 } };
    const after = { ...before, 'POST /tx': { total: 2 }, 'GET /info': { total: 12 }, 'POST /mint': { total: 1 } };
    expect(writesBetween(before, after)).toEqual(['POST /tx x1', 'POST /mint x1']);
  });
});
