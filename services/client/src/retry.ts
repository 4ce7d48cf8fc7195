/** Tries of one request, the first included: with the waits below they bridge the restart of a service. */
const maxTries = 5;
const firstWaitMs = 500;
/** A service that asks for a longer pause than this gets no pause: the caller is told, and decides. */
const maxWaitMs = 30_000;

/**
 * Milliseconds to wait before the next try, or undefined to give up.
 * @param triesMade how many requests were sent so far, at least 1
 * @param retryAfter seconds, as the service asked
 */
export function retryDelay(triesMade: number, retryAfter: number | undefined): number | undefined {
  if (triesMade >= maxTries) return undefined;
  if (retryAfter === undefined) return Math.min(firstWaitMs * 2 ** (triesMade - 1), maxWaitMs);
  return retryAfter * 1000 <= maxWaitMs ? retryAfter * 1000 : undefined;
}

/** Reads `Retry-After` (RFC 9110, 10.2.3: seconds or a date); undefined when it is absent or unreadable. Seconds. */
export function parseRetryAfter(header: string | null, nowMs: number): number | undefined {
  if (header === null) return undefined;
  if (/^[0-9]{1,9}$/.test(header)) return Number(header);
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, Math.ceil((date - nowMs) / 1000));
}
