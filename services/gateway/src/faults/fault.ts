import { CHUNK_ERRORS, type ChunkError } from '../chunks/chunk-post.ts';

/** When a fault strikes. */
interface FaultScope {
  /** Requests it strikes: a route such as `POST /chunk` or `GET /tx/:id/status`; all routes of the network without it. */
  readonly route?: string;
  /** Times it strikes before it is used up; without end if absent. */
  readonly count?: number;
  /** Matching requests let through first. */
  readonly after?: number;
}

/** Answers with an error status, or late, or both. */
export interface AnswerFault extends FaultScope {
  readonly status?: number;
  /** Seconds, sent as `Retry-After`. */
  readonly retryAfter?: number;
  readonly delayMs?: number;
}

/** Never answers (`hang`), or closes the connection (`close`). */
export interface ConnectionFault extends FaultScope {
  readonly connection: 'hang' | 'close';
}

/** The network forgets a transaction: this id, or the `next` one accepted. Its status is 404 from then on. */
export interface ForgetTxFault extends FaultScope {
  readonly forgetTx: string;
}

/** The network accepts a transaction, this id or the `next` one, and never mines it. */
export interface DropTxFault extends FaultScope {
  readonly dropTx: string;
}

/** The network refuses a chunk with this error. */
export interface RejectChunkFault extends FaultScope {
  readonly rejectChunk: ChunkError;
}

/** The network answers 200 to a chunk and does not keep it. */
export interface LoseChunkFault extends FaultScope {
  readonly loseChunk: true;
}

/** A misbehaviour to be shown on request. */
export type Fault = AnswerFault | ConnectionFault | ForgetTxFault | DropTxFault | RejectChunkFault | LoseChunkFault;

type Check = (value: unknown) => boolean;

const natural: Check = (value) => Number.isInteger(value) && (value as number) >= 0;
const filled: Check = (value) => typeof value === 'string' && value !== '';

const CHECKS: Readonly<Record<string, { check: Check; expected: string }>> = {
  route: { check: filled, expected: 'a route such as "POST /chunk"' },
  count: { check: (value) => natural(value) && value !== 0, expected: 'a whole number above 0' },
  after: { check: natural, expected: 'a whole number' },
  status: {
    check: (value) => natural(value) && (value as number) >= 400 && (value as number) <= 599,
    expected: '400 to 599',
  },
  retryAfter: { check: natural, expected: 'whole seconds' },
  delayMs: { check: natural, expected: 'whole milliseconds' },
  connection: { check: (value) => value === 'hang' || value === 'close', expected: '"hang" or "close"' },
  forgetTx: { check: filled, expected: 'a transaction id or "next"' },
  dropTx: { check: filled, expected: 'a transaction id or "next"' },
  rejectChunk: {
    check: (value) => CHUNK_ERRORS.some((name) => name === value),
    expected: `one of ${CHUNK_ERRORS.join(', ')}`,
  },
  loseChunk: { check: (value) => value === true, expected: 'true' },
};

/** Each fault does one of these; `status` and `delayMs` go together. */
const EFFECTS = [['status', 'delayMs'], ['connection'], ['forgetTx'], ['dropTx'], ['rejectChunk'], ['loseChunk']];

/**
 * Reads a fault from foreign JSON.
 *
 * @throws TypeError that names the field and what it should be.
 */
export function parseFault(json: unknown): Fault {
  if (typeof json !== 'object' || json === null) throw new TypeError('A fault is a JSON object');
  for (const [name, value] of Object.entries(json)) {
    const rule = CHECKS[name];
    if (!rule) throw new TypeError(`Unknown field "${name}" in a fault: expected ${Object.keys(CHECKS).join(', ')}`);
    if (!rule.check(value)) throw new TypeError(`"${name}" of a fault: expected ${rule.expected}`);
  }
  const effects = EFFECTS.filter((names) => names.some((name) => name in json));
  if (effects.length !== 1) {
    throw new TypeError(`A fault does one thing: give one of ${EFFECTS.flat().join(', ')} (status may have delayMs)`);
  }
  return json as Fault;
}
