import { Turns } from './turns.ts';

/** Tasks that end when they are told to. */
function controlled(turns: Turns) {
  const begun: number[] = [];
  const ends: (() => void)[] = [];
  const start = (index: number) =>
    turns.run(() => {
      begun.push(index);
      return new Promise<void>((end) => {
        ends[index] = end;
      });
    });
  return { begun, end: (index: number) => ends[index]!(), start };
}

const settle = () => new Promise(setImmediate);

describe('turns', () => {
  it('lets as many run as may, and the others in the order in which they came', async () => {
    const { begun, end, start } = controlled(new Turns(() => 2));
    const all = [start(0), start(1), start(2), start(3)];
    await settle();
    expect(begun).toEqual([0, 1]);
    end(1);
    await settle();
    expect(begun).toEqual([0, 1, 2]);
    end(0);
    end(2);
    await settle();
    end(3);
    await Promise.all(all);
    expect(begun).toEqual([0, 1, 2, 3]);
  });

  it('goes on after a task that failed, and follows a limit that was raised', async () => {
    let limit = 1;
    const turns = new Turns(() => limit);
    const { begun, end, start } = controlled(turns);
    const failing = turns.run(() => Promise.reject(new Error('broken')));
    const all = [start(0), start(1), start(2)];
    await expect(failing).rejects.toThrow('broken');
    await settle();
    expect(begun).toEqual([0]);
    limit = 3;
    end(0);
    await settle();
    expect(begun).toEqual([0, 1, 2]);
    end(1);
    end(2);
    await Promise.all(all);
  });

  it('sends away who has waited too long, and nobody else', async () => {
    const { begun, end, start } = controlled(new Turns(() => 1, 5));
    const first = start(0);
    await expect(start(1)).rejects.toMatchObject({ code: 'overloaded', retryAfter: 1 });
    const third = start(2);
    end(0);
    await first;
    await settle();
    expect(begun).toEqual([0, 2]);
    end(2);
    await third;
  });
});
