import {
  type BalanceCheck,
  type ExpiredReservations,
  PAYMENT_AUDIENCE,
  type ReserveAnswer,
  type ReserveRequest,
  type SettleAnswer,
} from '@bundler/contract';
import { MIN_TOKEN_SECRET, signToken } from '@bundler/runtime';

/** A token is made for each call; it lasts as long as clocks may differ, seconds. */
const TOKEN_SECONDS = 60;

export interface PaymentClientOptions {
  readonly url: string;
  readonly secret: string;
  readonly timeoutMs: number;
  /** Unix milliseconds. */
  readonly now: () => number;
}

/** The payment service's private routes. What rejects is a service that does not work; a refusal is an answer. */
export class PaymentClient {
  readonly #options: PaymentClientOptions;

  /** @throws Error when the secret is too short */
  constructor(options: PaymentClientOptions) {
    if (options.secret.length < MIN_TOKEN_SECRET) {
      throw new Error(
        `PRIVATE_ROUTE_SECRET must have at least ${MIN_TOKEN_SECRET} characters when PAYMENT_SERVICE_URL is set`,
      );
    }
    this.#options = options;
  }

  /** Whether somebody could pay for so many bytes; who is unknown cannot. */
  async canAfford(token: string, address: string, byteCount: number): Promise<boolean> {
    const path = `/v1/check-balance/${encodeURIComponent(token)}/${encodeURIComponent(address)}?byteCount=${byteCount}`;
    const answer = await this.#send(path, { method: 'GET' });
    if (answer.status === 402 || answer.status === 404) return false;
    const { userHasSufficientBalance } = (await this.#read(answer)) as Partial<BalanceCheck>;
    return userHasSufficientBalance === true;
  }

  /** Reserves the prices of items; `null` for each that cannot be paid for. In the order of the charges. */
  async reserve(charges: ReserveRequest['charges']): Promise<(string | null)[]> {
    const answer = await this.#send('/v1/reserve-balance', { method: 'POST', body: JSON.stringify({ charges }) });
    const { reservations } = (await this.#read(answer)) as Partial<ReserveAnswer>;
    return charges.map(({ dataItemId }, index) => {
      const reserved = reservations?.[index];
      const isGood =
        reserved?.dataItemId === dataItemId && (reserved.winc === null || /^[0-9]{1,38}$/.test(reserved.winc));
      if (!isGood) throw new Error(`the payment service answered something else than was asked about ${dataItemId}`);
      return reserved.winc;
    });
  }

  /** Tells what became of items whose prices were reserved. Told twice, it counts once. */
  async settle(settlement: 'capture' | 'release' | 'refund', dataItemIds: readonly string[]): Promise<SettleAnswer> {
    const body = JSON.stringify({ dataItemIds });
    const answer = (await this.#read(
      await this.#send(`/v1/${settlement}-balance`, { method: 'POST', body }),
    )) as Partial<SettleAnswer>;
    return { settled: answer.settled ?? [], unpaid: answer.unpaid ?? [] };
  }

  /** Items whose reservation should have been settled by now. */
  async expired(): Promise<string[]> {
    const answer = await this.#read(await this.#send('/v1/reservations/expired', { method: 'GET' }));
    return (answer as Partial<ExpiredReservations>).dataItemIds ?? [];
  }

  async #send(path: string, init: RequestInit): Promise<Response> {
    const { timeoutMs, url } = this.#options;
    const headers = { authorization: `Bearer ${this.#token()}`, 'content-type': 'application/json' };
    return fetch(url + path, { ...init, headers, signal: AbortSignal.timeout(timeoutMs), redirect: 'error' });
  }

  async #read(answer: Response): Promise<unknown> {
    const text = await answer.text();
    if (answer.ok) return JSON.parse(text);
    throw new Error(`the payment service answered ${answer.status}: ${text.slice(0, 200)}`);
  }

  /** Who asks, whom, and until when. */
  #token(): string {
    const now = Math.floor(this.#options.now() / 1000);
    return signToken(this.#options.secret, {
      iss: 'bundler-upload',
      aud: PAYMENT_AUDIENCE,
      iat: now,
      exp: now + TOKEN_SECONDS,
    });
  }
}
