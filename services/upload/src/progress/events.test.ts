import type { Progress } from '@bundler/contract';
import { eventsAfter, formatEvent, parseEventId } from './events.ts';

const at = (stage: Progress['stage'], more: Partial<Progress> = {}): Progress => ({ id: 'an-id', stage, ...more });
const stages = (progress: readonly Progress[]): string[] => progress.map(({ stage }) => stage);

describe('what a follower is told', () => {
  it('is at first how far the upload is, and nothing of before', () => {
    expect(eventsAfter(undefined, at('posted'))).toEqual([at('posted')]);
  });

  it('is each stage once and in order, also those that passed unseen', () => {
    const told = eventsAfter(
      at('receiving', { receivedByteCount: 5 }),
      at('posted', { totalByteCount: 9, bundleId: 'b' }),
    );
    expect(stages(told)).toEqual(['stored', 'accepted', 'planned', 'posted']);
    expect(told[1]).toEqual(at('accepted', { totalByteCount: 9 }));
    expect(told[3]).toEqual(at('posted', { totalByteCount: 9, bundleId: 'b' }));
  });

  it('is nothing while nothing changes, and every byte count that is larger', () => {
    expect(eventsAfter(at('planned'), at('planned'))).toEqual([]);
    expect(eventsAfter(at('receiving', { receivedByteCount: 5 }), at('receiving', { receivedByteCount: 5 }))).toEqual(
      [],
    );
    expect(
      eventsAfter(at('receiving', { receivedByteCount: 5 }), at('receiving', { receivedByteCount: 6 })),
    ).toHaveLength(1);
  });

  it('is the present when the item has to go back, has failed, or lives again', () => {
    expect(stages(eventsAfter(at('posted'), at('accepted')))).toEqual(['accepted']);
    expect(stages(eventsAfter(at('accepted'), at('failed', { reason: 'bytes_lost' })))).toEqual(['failed']);
    expect(stages(eventsAfter(at('failed'), at('accepted')))).toEqual(['accepted']);
    expect(eventsAfter(at('failed'), at('failed'))).toEqual([]);
  });
});

describe('the id of an event', () => {
  it('says all that is needed to go on from it', () => {
    for (const progress of [at('receiving', { receivedByteCount: 1234 }), at('planned'), at('failed')]) {
      const id = /^id: (.*)$/m.exec(formatEvent(progress))![1]!;
      expect(eventsAfter(parseEventId(id), progress)).toEqual([]);
    }
  });

  it('of others is taken for none', () => {
    for (const text of [undefined, '', 'posted2', 'POSTED', 'receiving:', 'receiving:1e9', 'constructor', '1']) {
      expect(parseEventId(text)).toBeUndefined();
    }
  });
});
