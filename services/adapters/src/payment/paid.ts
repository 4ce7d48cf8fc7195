import { ApiError } from '@bundler/contract';
import { type Breaker, BreakerOpen } from '../breaker.ts';
import type { PaymentClient } from './client.ts';
import type { Charge, Payment } from './port.ts';

/** Charges are gathered for so long, and no more of them than one call takes. */
const GATHER_MS = 5;
const MAX_CHARGES = 1000;

interface Waiting {
  readonly charge: Charge;
  readonly resolve: (winc: string | null) => void;
  readonly reject: (error: unknown) => void;
}

/** What is free stays free and asks nobody; the rest is paid for through the payment service, behind its breaker. */
export class PaidUploads implements Payment {
  readonly #free: Payment;
  readonly #client: Pick<PaymentClient, 'canAfford' | 'reserve'>;
  readonly #breaker: Pick<Breaker, 'run'>;
  #waiting: Waiting[] = [];

  constructor(free: Payment, client: Pick<PaymentClient, 'canAfford' | 'reserve'>, breaker: Pick<Breaker, 'run'>) {
    this.#free = free;
    this.#client = client;
    this.#breaker = breaker;
  }

  async canAfford(payer: Charge['payer'], byteCount: number): Promise<boolean> {
    if (await this.#free.canAfford(payer, byteCount)) return true;
    return this.#ask(() => this.#client.canAfford(payer.token, payer.nativeAddress, byteCount));
  }

  async reserve(charge: Charge): Promise<{ winc: string } | undefined> {
    const free = await this.#free.reserve(charge);
    if (free) return free;
    const winc = await new Promise<string | null>((resolve, reject) => {
      this.#waiting.push({ charge, resolve, reject });
      if (this.#waiting.length === 1) setTimeout(() => this.#flush(), GATHER_MS);
    });
    return winc === null ? undefined : { winc };
  }

  /** One call for all items that came together: they are committed together too. */
  #flush(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (let start = 0; start < waiting.length; start += MAX_CHARGES) {
      void this.#reserveAll(waiting.slice(start, start + MAX_CHARGES));
    }
  }

  async #reserveAll(waiting: readonly Waiting[]): Promise<void> {
    const charges = waiting.map(({ charge: { itemId, payer, byteCount } }) => ({
      dataItemId: itemId.toString('base64url'),
      token: payer.token,
      address: payer.nativeAddress,
      byteCount,
    }));
    try {
      const reserved = await this.#ask(() => this.#client.reserve(charges));
      for (const [index, { resolve }] of waiting.entries()) resolve(reserved[index] ?? null);
    } catch (error) {
      for (const { reject } of waiting) reject(error);
    }
  }

  async #ask<Result>(call: () => Promise<Result>): Promise<Result> {
    try {
      return await this.#breaker.run(call);
    } catch (cause) {
      const retryMs = cause instanceof BreakerOpen ? cause.retryMs : 1000;
      throw new ApiError('payment_unavailable', { cause, retryAfter: Math.max(1, Math.ceil(retryMs / 1000)) });
    }
  }
}
