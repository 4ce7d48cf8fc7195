import { BusyPace } from './busy-pace.ts';

function paceOver(times: readonly number[], allBusy = true): number {
  let now = 0;
  const pace = new BusyPace(() => now);
  for (const time of times) {
    now = time;
    pace.completed(allBusy);
  }
  return pace.intervalMs;
}

describe('busy pace', () => {
  it('is the time between completions while every core is busy', () => {
    expect(paceOver([0, 2, 4, 6])).toBe(2);
  });

  it('learns nothing from completions that leave a core without work', () => {
    expect(paceOver([0, 1000, 5000], false)).toBe(0);
  });

  it('follows a pace that changes', () => {
    const slowing = Array.from({ length: 400 }, (_, index) => (index < 100 ? index : 100 + (index - 100) * 5));
    expect(paceOver(slowing)).toBeGreaterThan(4.9);
  });
});
