import type { Answer } from './connections.ts';
import { percentile } from './percentile.ts';
import type { Answered } from './receipts.ts';

/** Answers and how long they took, milliseconds. */
export interface TallySummary {
  readonly accepted: number;
  /** Answers by status or error code. */
  readonly answers: Readonly<Record<string, number>>;
  readonly p50: number;
  readonly p99: number;
  /** Refused with 429 or 503. */
  readonly refused: { readonly count: number; readonly withRetryAfter: number; readonly p50: number };
}

/** Receipts that are kept to be verified after the run. */
const SAMPLES = 64;

/** Counts what comes back while the clock runs. */
export class Tally {
  readonly #answers = new Map<string, number>();
  readonly #accepted: number[] = [];
  readonly #refused: number[] = [];
  readonly #samples: Answered[] = [];
  readonly #sampleEvery: number;
  #withRetryAfter = 0;

  /** @param expected answers there may be, so that the sample is spread over all of them */
  constructor(expected: number) {
    this.#sampleEvery = Math.max(1, Math.floor(expected / SAMPLES));
  }

  add(answer: Answer, milliseconds: number, header: Buffer): void {
    const status = String(answer.status);
    this.#answers.set(status, (this.#answers.get(status) ?? 0) + 1);
    if (answer.status === 200) {
      this.#accepted.push(milliseconds);
      if (this.#accepted.length % this.#sampleEvery === 0) this.#samples.push({ header, body: answer.body });
    }
    if (answer.status !== 429 && answer.status !== 503) return;
    this.#refused.push(milliseconds);
    if (answer.retryAfter !== undefined) this.#withRetryAfter += 1;
  }

  get samples(): readonly Answered[] {
    return this.#samples;
  }

  summary(): TallySummary {
    return {
      accepted: this.#accepted.length,
      answers: Object.fromEntries(this.#answers),
      p50: percentile(this.#accepted, 0.5),
      p99: percentile(this.#accepted, 0.99),
      refused: {
        count: this.#refused.length,
        withRetryAfter: this.#withRetryAfter,
        p50: percentile(this.#refused, 0.5),
      },
    };
  }
}
