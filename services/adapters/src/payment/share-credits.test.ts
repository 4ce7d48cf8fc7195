import { ApiError } from '@bundler/contract';
import type { SharedCredits } from './port.ts';
import { shareCredits } from './share-credits.ts';

const item = { itemId: Buffer.from('an item'), signer: () => 'somebody', tags: [] };
const refused = new ApiError('approval_refused', { detail: 'nothing is left' });

/** A platform where sharing ends as told. */
function platform(outcome: SharedCredits | Error, known = false) {
  const released: Buffer[] = [];
  return {
    released,
    sharing: {
      share: async () => {
        if (outcome instanceof Error) throw outcome;
        return outcome;
      },
    },
    items: { findKnown: async () => new Map(known ? [['an item', {}]] : []) },
    settlement: { release: async (ids: readonly Buffer[]) => void released.push(...ids) },
  };
}

describe('credits that an item shares', () => {
  it('are what its receipt says', async () => {
    const shared = { revokedApprovals: [] };
    expect(await shareCredits(item, true, platform(shared))).toBe(shared);
  });

  it('give back what was reserved for it when they are refused', async () => {
    const here = platform(refused);
    await expect(shareCredits(item, true, here)).rejects.toBe(refused);
    expect(here.released).toEqual([item.itemId]);
  });

  it('are refused aloud also where nothing was reserved, or nothing can be given back now', async () => {
    const free = platform(refused);
    await expect(shareCredits(item, false, free)).rejects.toBe(refused);
    expect(free.released).toEqual([]);
    const away = { release: () => Promise.reject(new Error('away')) };
    await expect(shareCredits(item, true, { ...free, settlement: away })).rejects.toBe(refused);
  });

  it('take no receipt from an item that has one', async () => {
    const here = platform(refused, true);
    expect(await shareCredits(item, true, here)).toBeUndefined();
    expect(here.released).toEqual([]);
  });

  it('leave the reservation alone when nobody knows what has become of them', async () => {
    const away = new ApiError('payment_unavailable');
    const here = platform(away, true);
    await expect(shareCredits(item, true, here)).rejects.toBe(away);
    expect(here.released).toEqual([]);
  });
});
