import { parseRetryAfter, retryDelay } from './retry.ts';

describe('retryDelay', () => {
  it('doubles the wait from one try to the next and gives up after the fifth', () => {
    expect([1, 2, 3, 4, 5].map((tries) => retryDelay(tries, undefined))).toEqual([500, 1000, 2000, 4000, undefined]);
  });

  it('waits exactly as long as the service asks, down to not at all', () => {
    expect(retryDelay(1, 7)).toBe(7000);
    expect(retryDelay(1, 0)).toBe(0);
  });

  it('gives up when the service asks for a longer pause than half a minute', () => {
    expect(retryDelay(1, 30)).toBe(30_000);
    expect(retryDelay(1, 31)).toBeUndefined();
  });
});

describe('parseRetryAfter', () => {
  const now = Date.parse('2026-01-01T00:00:00Z');

  it('reads seconds and dates', () => {
    expect(parseRetryAfter('120', now)).toBe(120);
    expect(parseRetryAfter('Thu, 01 Jan 2026 00:00:05 GMT', now)).toBe(5);
  });

  it('reads a date that has passed as no wait', () => {
    expect(parseRetryAfter('Wed, 31 Dec 2025 23:00:00 GMT', now)).toBe(0);
  });

  it('says nothing about an absent or unreadable header', () => {
    expect(parseRetryAfter(null, now)).toBeUndefined();
    expect(parseRetryAfter('soon', now)).toBeUndefined();
    expect(parseRetryAfter('-1', now)).not.toBe(-1);
  });
});
