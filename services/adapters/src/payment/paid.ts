import type { Tracing } from '@bundler/runtime';
import type { Breaker } from '../breaker.ts';
import { asking } from './asking.ts';
import type { PaymentClient } from './client.ts';
import { GatheredCalls } from './gathered-calls.ts';
import type { Charge, Payment } from './port.ts';

export interface PaidUploadsOptions {
  /** How long a reservation may wait for others because whoever asks gains nothing from it sooner, milliseconds. */
  readonly reserveWaitMs?: (() => number) | undefined;
  readonly tracing?: Tracing | undefined;
}

/** What is free stays free and asks nobody; the rest is paid for through the payment service, behind its breaker. */
export class PaidUploads implements Payment {
  readonly #free: Payment;
  readonly #client: Pick<PaymentClient, 'canAfford' | 'reserve'>;
  readonly #breaker: Pick<Breaker, 'run' | 'isClosed'>;
  readonly #reservations: GatheredCalls<Charge, string | null>;

  constructor(
    free: Payment,
    client: Pick<PaymentClient, 'canAfford' | 'reserve'>,
    breaker: Pick<Breaker, 'run' | 'isClosed'>,
    { reserveWaitMs, tracing }: PaidUploadsOptions = {},
  ) {
    this.#free = free;
    this.#client = client;
    this.#breaker = breaker;
    const reserve = (charges: readonly Charge[]) => asking(breaker, () => client.reserve(charges.map(asked)));
    // What will be refused is refused at once, whatever a call that tries whether the service is back is doing.
    const isAtOnce = () => !breaker.isClosed;
    this.#reservations = new GatheredCalls('reserve', reserve, { isAtOnce, waitMs: reserveWaitMs, tracing });
  }

  async canAfford(payer: Charge['payer'], byteCount: number): Promise<boolean> {
    if (await this.#free.canAfford(payer, byteCount)) return true;
    return asking(this.#breaker, () => this.#client.canAfford(payer, byteCount));
  }

  async reserve(charge: Charge): Promise<{ winc: string } | undefined> {
    const free = await this.#free.reserve(charge);
    if (free) return free;
    const winc = await this.#reservations.send(charge);
    return winc === null ? undefined : { winc };
  }
}

const asked = ({ itemId, payer, byteCount }: Charge) => ({
  dataItemId: itemId.toString('base64url'),
  token: payer.token,
  address: payer.nativeAddress,
  byteCount,
  ...(payer.paidBy && payer.paidBy.length > 0 && { paidBy: [...payer.paidBy] }),
});
