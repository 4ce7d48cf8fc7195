import type { IncomingHttpHeaders } from 'node:http';
import type { Charge, Payer, Payment, X402Payments } from '@bundler/adapters';
import { ApiError, type X402Deal, type X402Payment, type X402Settled } from '@bundler/contract';
import { PaymentRequired } from './payment-required.ts';
import { readPayment } from './read-payment.ts';

/** Why an upload is not simply taken. */
type Unpaid = 'insufficient_balance' | 'free_quota_used' | 'invalid_payment';

/** Whom the credits of a payment go to, before its upload takes what it costs. */
type Beneficiary = 'payer' | 'signer';

/** The facilitator may be there again shortly, seconds. */
const RETRY_AFTER = 2;

/** Uploads that are paid for by x402. */
export class X402Uploads {
  readonly #payments: X402Payments;

  constructor(payments: X402Payments) {
    this.#payments = payments;
  }

  /** Says what an upload costs. */
  async required(byteCount: number, code: Unpaid = 'insufficient_balance', detail?: string): Promise<PaymentRequired> {
    return new PaymentRequired(code, await this.#payments.quote(byteCount), detail);
  }

  /**
   * Who pays for an upload that says so in its headers, once it is known that they could.
   *
   * @throws ApiError when there is no payment, or one that does not suffice
   */
  async fundingOf(
    headers: IncomingHttpHeaders,
    byteCount: number,
    beneficiary: Beneficiary,
    unpaid: Unpaid = 'insufficient_balance',
  ): Promise<X402Funding> {
    const header = headers['x-payment'];
    if (header === undefined) throw await this.required(byteCount, unpaid);
    const payment = readPayment(header);
    const verdict = await this.#payments.verify(payment, byteCount);
    if (verdict.outcome === 'good')
      return new X402Funding({ payments: this.#payments, payment, deal: verdict.deal, byteCount, beneficiary });
    if (verdict.outcome === 'unavailable') throw new ApiError('payment_unavailable', { retryAfter: RETRY_AFTER });
    if (verdict.code === 'payment_network_off') throw new ApiError(verdict.code, { detail: verdict.reason });
    throw await this.required(byteCount, verdict.code, verdict.reason);
  }

  /** Whether such payments are taken at all. */
  async isTaken(): Promise<boolean> {
    return (await this.#payments.quote(0)).length > 0;
  }
}

interface FundingOptions {
  readonly payments: X402Payments;
  readonly payment: X402Payment;
  readonly deal: X402Deal;
  /** What the payment was verified for. */
  readonly byteCount: number;
  readonly beneficiary: Beneficiary;
}

/** One payment, with which one upload is paid for. Where others reserve a price it is carried out: when all bytes are here and good. */
export class X402Funding implements Payment {
  readonly #options: FundingOptions;
  #settled: X402Settled | undefined;

  constructor(options: FundingOptions) {
    this.#options = options;
  }

  /** What was paid; undefined while nothing was, or where the item had been paid for before. */
  get settled(): X402Settled | undefined {
    return this.#settled;
  }

  async canAfford(_payer: Payer, byteCount: number): Promise<boolean> {
    return byteCount <= this.#options.byteCount;
  }

  async reserve({ byteCount, itemId, payer }: Charge): Promise<{ winc: string } | undefined> {
    // More bytes than were paid for.
    if (byteCount > this.#options.byteCount) return undefined;
    const { beneficiary } = this.#options;
    return this.#pay({
      dataItemId: itemId.toString('base64url'),
      ...(beneficiary === 'signer' && { beneficiary: payer.nativeAddress }),
    });
  }

  /** Pays in advance: the credits are an address's, and what will be uploaded from them is not known yet. */
  async topUp(address: string): Promise<X402Settled | undefined> {
    await this.#pay({ beneficiary: address });
    return this.#settled;
  }

  async #pay(whatFor: { dataItemId?: string; beneficiary?: string }): Promise<{ winc: string }> {
    const { byteCount, deal, payment, payments } = this.#options;
    const outcome = await payments.pay({ payment, byteCount, deal, ...whatFor });
    if (outcome.outcome === 'unavailable') throw new ApiError('payment_unavailable', { retryAfter: RETRY_AFTER });
    if (outcome.outcome === 'refused')
      throw outcome.code === 'invalid_payment'
        ? new PaymentRequired(outcome.code, await payments.quote(byteCount), outcome.reason)
        : new ApiError(outcome.code, { detail: outcome.reason });
    this.#settled = outcome.settled;
    return { winc: outcome.winc };
  }
}
