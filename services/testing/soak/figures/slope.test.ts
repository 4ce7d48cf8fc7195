import { floors, type Point, slopeOf } from './slope.ts';

const MINUTE = 60_000;
const line = (count: number, value: (minute: number) => number): Point[] =>
  Array.from({ length: count }, (_, minute) => ({ at: 1_000_000 + minute * MINUTE, value: value(minute) }));

describe('a slope', () => {
  it('of a line is the line, without error', () => {
    const { perHour, error } = slopeOf(line(10, (minute) => 50 + minute));
    expect(perHour).toBeCloseTo(60);
    expect(error).toBeCloseTo(0);
  });

  it('of what stays the same is none', () => {
    expect(slopeOf(line(10, () => 7))).toEqual({ perHour: 0, error: 0 });
  });

  it('of noise is within a few of its errors', () => {
    const { perHour, error } = slopeOf(line(60, (minute) => 100 + (minute % 2)));
    expect(error).toBeGreaterThan(0);
    expect(Math.abs(perHour)).toBeLessThan(2 * error);
  });

  it('of too little is not a number', () => {
    expect(slopeOf(line(2, () => 1)).perHour).toBeNaN();
    expect(slopeOf([1, 2, 3].map((value) => ({ at: 5, value }))).perHour).toBeNaN();
  });
});

describe('the floors of a saw-tooth', () => {
  const sawTooth = Array.from({ length: 61 }, (_, index) => ({ at: index * 5000, value: 10 + (index % 12) }));

  it('are what a collection leaves, one a minute', () => {
    expect(floors(sawTooth).map(({ value }) => value)).toEqual([10, 10, 10, 10, 10]);
  });

  it('leave out the minute that is not over', () => {
    expect(floors(sawTooth.slice(0, 30)).map(({ at }) => at)).toEqual([0, 60_000]);
  });

  it('of nothing are none', () => {
    expect(floors([])).toEqual([]);
  });
});
