import type { X402Payment, X402Requirements } from '@bundler/contract';

/** Who looks at chains for us: checks payments, and carries them out. */
export interface Facilitator {
  /** Whether a payment could be carried out. @throws when nobody can tell */
  verify(payment: X402Payment, requirements: X402Requirements): Promise<Verification>;
  /** Carries it out. @throws when it is not known whether it was */
  settle(payment: X402Payment, requirements: X402Requirements): Promise<Settlement>;
}

export type Verification = { readonly good: true } | { readonly good: false; readonly reason: string };
export type Settlement =
  | { readonly settled: true; readonly transaction: string }
  | { readonly settled: false; readonly reason: string };

/** Reasons after which a transfer may have been made all the same. */
const UNKNOWN = new Set(['unexpected_settle_error', 'duplicate_settlement', 'settle_timeout']);
/** Reasons come from outside, and go to clients and into the log. */
const MAX_REASON = 200;

/** A facilitator over HTTP, as version 1 of x402 has it. */
export class HttpFacilitator implements Facilitator {
  readonly #url: string;
  readonly #timeouts: { readonly verifyMs: number; readonly settleMs: number };

  constructor(url: string, timeouts: { readonly verifyMs: number; readonly settleMs: number }) {
    this.#url = url.replace(/\/+$/, '');
    this.#timeouts = timeouts;
  }

  async verify(payment: X402Payment, requirements: X402Requirements): Promise<Verification> {
    const { isValid, invalidReason } = await this.#ask('verify', payment, requirements, this.#timeouts.verifyMs);
    if (typeof isValid !== 'boolean') throw new Error('the facilitator did not say whether a payment is valid');
    return isValid ? { good: true } : { good: false, reason: reasonIn(invalidReason) };
  }

  async settle(payment: X402Payment, requirements: X402Requirements): Promise<Settlement> {
    const told = await this.#ask('settle', payment, requirements, this.#timeouts.settleMs);
    const { errorReason, success, transaction } = told;
    if (success === true && typeof transaction === 'string' && transaction !== '')
      return { settled: true, transaction: transaction.slice(0, MAX_REASON) };
    const reason = reasonIn(errorReason);
    if (success !== false || UNKNOWN.has(reason)) throw new Error(`the facilitator could not settle: ${reason}`);
    return { settled: false, reason };
  }

  async #ask(
    what: 'verify' | 'settle',
    paymentPayload: X402Payment,
    paymentRequirements: object,
    timeoutMs: number,
  ): Promise<Record<string, unknown>> {
    const answer = await fetch(`${this.#url}/${what}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ x402Version: 1, paymentPayload, paymentRequirements }),
      signal: AbortSignal.timeout(timeoutMs),
      redirect: 'error',
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`POST ${this.#url}/${what}: ${answer.status} ${text.slice(0, MAX_REASON)}`);
    const told: unknown = JSON.parse(text);
    if (typeof told !== 'object' || told === null) throw new Error(`POST ${this.#url}/${what}: no object`);
    return told as Record<string, unknown>;
  }
}

const reasonIn = (reason: unknown): string =>
  typeof reason === 'string' && reason !== '' ? reason.slice(0, MAX_REASON) : 'no reason was given';
