/** One value and when it was read, milliseconds. */
export interface Point {
  readonly at: number;
  readonly value: number;
}

export interface Slope {
  readonly perHour: number;
  /** Standard error of `perHour`: how far chance alone moves it. */
  readonly error: number;
}

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

/** The straight line through the points by least squares; NaN of fewer than three, or when all are of one moment. */
export function slopeOf(points: readonly Point[]): Slope {
  const count = points.length;
  const mean = (pick: (point: Point) => number): number => points.reduce((sum, point) => sum + pick(point), 0) / count;
  const [at, value] = [mean((point) => point.at), mean((point) => point.value)];
  const square = points.reduce((sum, point) => sum + (point.at - at) ** 2, 0);
  if (count < 3 || square === 0) return { perHour: Number.NaN, error: Number.NaN };
  const slope = points.reduce((sum, point) => sum + (point.at - at) * (point.value - value), 0) / square;
  const rest = points.reduce((sum, point) => sum + (point.value - value - slope * (point.at - at)) ** 2, 0);
  return { perHour: slope * HOUR_MS, error: Math.sqrt(rest / (count - 2) / square) * HOUR_MS };
}

/**
 * The least value of every whole minute. A heap grows until it is collected: what is left then is what is kept, and a line
 * through everything between would depend on where in a collection the first and the last sample fell.
 */
export function floors(points: readonly Point[]): Point[] {
  const first = points[0]?.at ?? 0;
  const minutes = new Map<number, Point>();
  for (const point of points) {
    const minute = Math.floor((point.at - first) / MINUTE_MS);
    const least = minutes.get(minute);
    if (!least || point.value < least.value) minutes.set(minute, point);
  }
  const last = points.at(-1)?.at ?? 0;
  return [...minutes].filter(([minute]) => first + (minute + 1) * MINUTE_MS <= last).map(([, point]) => point);
}
