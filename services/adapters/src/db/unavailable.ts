/** pg has no codes for what it finds out itself. */
const LOST =
  /^Connection terminated|connection error and is not queryable|^timeout expired|^Query read timeout|^timeout exceeded when/;
/** Of Node: the server is down or going down. */
const UNREACHABLE = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENOTFOUND']);
/** Of PostgreSQL (its manual, appendix A): connection lost (08), too many connections (53300), stopping or starting. */
const SQLSTATE = /^(08...|53300|57P0[123])$/;

/**
 * Whether a query failed because the database was away or had no connection to spare: the same query may succeed
 * later. What such a query has changed is not known.
 */
export function isDatabaseUnavailable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code } = error as { code?: unknown };
  if (typeof code === 'string' && (UNREACHABLE.has(code) || SQLSTATE.test(code))) return true;
  // knex puts the statement before the reason.
  const reason = error.message.split(' - ').at(-1)!;
  return error.name === 'KnexTimeoutError' || LOST.test(reason);
}
