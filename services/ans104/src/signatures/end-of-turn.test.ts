import { endOfTurn } from './end-of-turn.ts';

describe('the end of a turn of the event loop', () => {
  it('comes after all that the turn brought, in the order in which it was asked for', async () => {
    const done: string[] = [];
    const note = async (text: string): Promise<void> => {
      await endOfTurn();
      done.push(text);
    };
    const all = [note('first'), note('second')];
    // What a request does in several steps is still the same turn.
    await Promise.resolve();
    process.nextTick(() => done.push('the rest of the turn'));
    all.push(note('third'));
    await Promise.all(all);
    expect(done).toEqual(['the rest of the turn', 'first', 'second', 'third']);
  });

  it('comes again in the next turn', async () => {
    await endOfTurn();
    const done: string[] = [];
    const ended = endOfTurn().then(() => done.push('its end'));
    process.nextTick(() => done.push('the next turn'));
    await ended;
    expect(done).toEqual(['the next turn', 'its end']);
  });
});
