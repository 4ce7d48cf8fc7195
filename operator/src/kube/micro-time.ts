/**
 * A time as Leases and Events want it: RFC 3339 with exactly six digits of fraction. With the three that
 * `toISOString` gives, the API server answers HTTP 400.
 */
export function microTime(date: Date): string {
  return date.toISOString().replace('Z', '000Z');
}
