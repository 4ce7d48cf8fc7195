import {
  type Approval,
  type BalanceCheck,
  type CreateApprovalRequest,
  type ExpiredReservations,
  type ReserveAnswer,
  type ReserveRequest,
  type RevokeApprovalsRequest,
  type SettleAnswer,
} from '@bundler/contract';
import { MIN_TOKEN_SECRET, type Tracing } from '@bundler/runtime';
import type { Payer } from './port.ts';
import { serviceToken } from './service-token.ts';

/** Characters of a reason that are passed on. */
const MAX_REASON_LENGTH = 200;

export interface PaymentClientOptions {
  readonly url: string;
  readonly secret: string;
  readonly timeoutMs: number;
  /** Unix milliseconds. */
  readonly now: () => number;
  readonly tracing?: Tracing | undefined;
}

/** Why the service did not do what it was asked for. */
export interface PaymentRefusal {
  readonly refused: string;
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
  async canAfford({ nativeAddress, paidBy = [], token }: Payer, byteCount: number): Promise<boolean> {
    const query = new URLSearchParams({ byteCount: String(byteCount) });
    for (const payer of paidBy) query.append('paidBy', payer);
    const path = `/v1/check-balance/${encodeURIComponent(token)}/${encodeURIComponent(nativeAddress)}?${query}`;
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

  /** Shares credits, once for each item. */
  createApproval(wanted: CreateApprovalRequest): Promise<Approval | PaymentRefusal> {
    return this.#command('/v1/account/approvals/create', wanted);
  }

  /** Ends all that one shares with another, once for each item. */
  revokeApprovals(wanted: RevokeApprovalsRequest): Promise<Approval[] | PaymentRefusal> {
    return this.#command('/v1/account/approvals/revoke', wanted);
  }

  /** A request that may be refused for what it asks for. */
  async #command<Result>(path: string, body: object): Promise<Result | PaymentRefusal> {
    const answer = await this.#send(path, { method: 'POST', body: JSON.stringify(body) });
    if (answer.status === 400 || answer.status === 402) {
      return { refused: (await answer.text()).slice(0, MAX_REASON_LENGTH) };
    }
    return (await this.#read(answer)) as Result;
  }

  /** Posts to any of the private routes. @returns what is answered in JSON @throws for any other status than of success */
  async post(path: string, body: object, timeoutMs = this.#options.timeoutMs): Promise<unknown> {
    return this.#read(await this.#send(path, { method: 'POST', body: JSON.stringify(body) }, timeoutMs));
  }

  async #send(path: string, init: RequestInit, timeoutMs = this.#options.timeoutMs): Promise<Response> {
    const { now, secret, tracing, url } = this.#options;
    const headers = {
      authorization: `Bearer ${serviceToken(secret, 'bundler-upload', now())}`,
      'content-type': 'application/json',
    };
    const ask = () =>
      fetch(url + path, { ...init, headers, signal: AbortSignal.timeout(timeoutMs), redirect: 'error' });
    return tracing ? tracing.telling(ask) : ask();
  }

  async #read(answer: Response): Promise<unknown> {
    const text = await answer.text();
    if (answer.ok) return JSON.parse(text);
    throw new Error(`the payment service answered ${answer.status}: ${text.slice(0, 200)}`);
  }
}
