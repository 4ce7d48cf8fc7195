import { QueuePatience } from './queue-patience.ts';

describe('patience with a queue', () => {
  const MAX_MS = 200;
  const LONG_MS = 120;
  const STANDING_MS = 50;
  let now: number;
  let patience: QueuePatience;

  beforeEach(() => {
    now = 1_000_000;
    patience = new QueuePatience(
      () => MAX_MS,
      () => now,
    );
    patience.limitMs(0);
  });

  /** The limit of the last who comes, one each 10 ms, and each would wait so long. */
  const stream = (ms: number, expectedWaitMs: number): number => {
    let limit = Number.NaN;
    for (const end = now + ms; now < end; ) {
      now += 10;
      limit = patience.limitMs(expectedWaitMs);
    }
    return limit;
  };

  it('is whole for a burst, also one that comes after hours of silence', () => {
    expect(stream(490, 180)).toBe(MAX_MS);
    now += 3 * 3_600_000;
    expect(patience.limitMs(0)).toBe(MAX_MS);
    expect(stream(490, 180)).toBe(MAX_MS);
  });

  it('is less for a queue that was not short for half a second', () => {
    expect(stream(500, 180)).toBe(STANDING_MS);
  });

  it('stays whole while the queue is short now and then', () => {
    for (let round = 0; round < 10; round += 1) {
      expect(stream(490, LONG_MS)).toBe(MAX_MS);
      expect(patience.limitMs(LONG_MS - 1)).toBe(MAX_MS);
    }
  });

  it('does not come back while the queue is held at its limit, or is short for a moment', () => {
    stream(500, 180);
    expect(stream(5000, STANDING_MS - 5)).toBe(STANDING_MS);
    for (let round = 0; round < 10; round += 1) {
      expect(stream(400, 0)).toBe(STANDING_MS);
      expect(patience.limitMs(STANDING_MS)).toBe(STANDING_MS);
    }
  });

  it('comes back when the queue was short for half a second, and when nobody came for as long', () => {
    stream(500, 180);
    expect(stream(510, 20)).toBe(MAX_MS);
    stream(510, 180);
    now += 600;
    expect(patience.limitMs(0)).toBe(MAX_MS);
  });
});
