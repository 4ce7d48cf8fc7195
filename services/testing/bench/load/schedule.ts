/** Arrivals at an even rate, fixed before the first one: a slow answer never delays the next request. */
export interface Schedule {
  readonly arrivals: number;
  /** Milliseconds from the start at which an arrival is due. */
  dueAt(index: number): number;
  /** How many arrivals are due once so many milliseconds have passed. */
  dueBy(elapsedMs: number): number;
}

/** @param perSecond arrivals a second, above 0 */
export function evenSchedule(perSecond: number, seconds: number): Schedule {
  const arrivals = Math.floor(perSecond * seconds);
  return {
    arrivals,
    dueAt: (index) => (index * 1000) / perSecond,
    dueBy: (elapsedMs) => Math.max(0, Math.min(arrivals, Math.floor((elapsedMs * perSecond) / 1000) + 1)),
  };
}
