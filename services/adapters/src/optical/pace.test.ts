import { Pace } from './pace.ts';

/** A pace over a clock that only its own sleep moves. */
function paced(intervalMs: () => number) {
  const clock = { now: 0 };
  const begun: number[] = [];
  const pace = new Pace(
    intervalMs,
    () => clock.now,
    async (ms) => {
      clock.now += ms;
    },
  );
  const call = async (): Promise<void> => {
    await pace.turn();
    begun.push(clock.now);
  };
  return { begun, call, clock };
}

describe('a pace', () => {
  it('lets the first call through and spaces those that follow', async () => {
    const { begun, call } = paced(() => 20);
    for (let calls = 0; calls < 4; calls += 1) await call();
    expect(begun).toEqual([0, 20, 40, 60]);
  });

  it('does not make up for a pause, and follows an interval that changes', async () => {
    let interval = 20;
    const { begun, call, clock } = paced(() => interval);
    await call();
    clock.now = 1000;
    await call();
    interval = 5;
    await call();
    await call();
    expect(begun).toEqual([0, 1000, 1020, 1025]);
  });
});
