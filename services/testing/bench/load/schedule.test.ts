import { evenSchedule } from './schedule.ts';

describe('an even schedule', () => {
  const schedule = evenSchedule(200, 3);

  it('has as many arrivals as rate and time say', () => {
    expect(schedule.arrivals).toBe(600);
  });

  it('spaces them evenly from the very start', () => {
    expect(schedule.dueAt(0)).toBe(0);
    expect(schedule.dueAt(1)).toBe(5);
    expect(schedule.dueAt(599)).toBe(2995);
  });

  it('counts an arrival as due from its moment on', () => {
    expect(schedule.dueBy(-1)).toBe(0);
    expect(schedule.dueBy(0)).toBe(1);
    expect(schedule.dueBy(4.9)).toBe(1);
    expect(schedule.dueBy(5)).toBe(2);
  });

  it('never has more due than there are', () => {
    expect(schedule.dueBy(60_000)).toBe(600);
  });
});
