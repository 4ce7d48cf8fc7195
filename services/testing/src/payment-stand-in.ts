import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { PAYMENT_AUDIENCE, type ReserveRequest } from '@bundler/contract';
import { closeNow, listenLocally } from './local-http.ts';

/** How it behaves: answers after so many milliseconds, fails with 500, or takes requests and says nothing. */
export type Mood = { readonly delayMs: () => number } | 'failing' | 'hanging';

/** A payment service's private routes over real HTTP, whose troubles a test chooses. */
export class PaymentStandIn {
  readonly secret: string;
  /** Winston a byte. */
  readonly price = 2;
  /** Balances by `token/address`. */
  readonly balances = new Map<string, number>();
  /** Of everybody whose balance is not said; undefined when nobody else is known. */
  standardBalance: number | undefined;
  /** What is reserved, by item. */
  readonly reserved = new Map<string, number>();
  mood: Mood = { delayMs: () => 0 };
  /** Requests that came, by route. */
  readonly calls = { check: 0, reserve: 0, settle: 0 };
  /** Requests whose token was not good. */
  strangers = 0;
  readonly #server = createServer((request, response) => void this.#serve(request, response));

  constructor(secret: string) {
    this.secret = secret;
  }

  start(port?: number): Promise<string> {
    return listenLocally(this.#server, port);
  }

  stop(): Promise<void> {
    return closeNow(this.#server);
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece as Buffer);
    const url = new URL(request.url!, 'http://x');
    const isReserve = url.pathname === '/v1/reserve-balance' && request.method === 'POST';
    const isSettle = /^\/v1\/(capture|release|refund)-balance$/.test(url.pathname) && request.method === 'POST';
    const isExpired = url.pathname === '/v1/reservations/expired';
    this.calls[isReserve ? 'reserve' : isSettle || isExpired ? 'settle' : 'check'] += 1;
    const { mood } = this;
    if (mood === 'hanging') return;
    if (mood === 'failing') return answer(response, 500, 'out of order');
    await wait(mood.delayMs());
    if (!this.#isKnown(request.headers.authorization)) {
      this.strangers += 1;
      return answer(response, 401, 'who are you?');
    }
    if (/^\/v1\/(capture|release|refund)-balance$/.test(url.pathname))
      return answer(response, 200, { settled: [], unpaid: [] });
    if (url.pathname === '/v1/reservations/expired') return answer(response, 200, { dataItemIds: [] });
    if (isReserve) return answer(response, 200, this.#reserve(JSON.parse(Buffer.concat(pieces).toString())));
    // What becomes of reservations is the real service's to know; here every settlement is taken, and none is overdue.
    if (isSettle)
      return answer(response, 200, { settled: JSON.parse(Buffer.concat(pieces).toString()).dataItemIds, unpaid: [] });
    if (isExpired) return answer(response, 200, { dataItemIds: [] });
    const [, token, address] = /^\/v1\/check-balance\/([^/]+)\/([^/]+)$/.exec(url.pathname) ?? [];
    if (token === undefined || address === undefined) return answer(response, 404, 'no such route');
    const balance = this.balances.get(`${token}/${decodeURIComponent(address)}`) ?? this.standardBalance;
    if (balance === undefined) return answer(response, 404, 'unknown');
    const enough = balance >= Number(url.searchParams.get('byteCount')) * this.price;
    return answer(response, enough ? 200 : 402, { userHasSufficientBalance: enough });
  }

  #reserve({ charges }: ReserveRequest): object {
    const reservations = charges.map(({ dataItemId, token, address, byteCount }) => {
      const known = this.reserved.get(dataItemId);
      if (known !== undefined) return { dataItemId, winc: String(known) };
      const [payer, winc] = [`${token}/${address}`, byteCount * this.price];
      const balance = this.balances.get(payer) ?? this.standardBalance ?? 0;
      if (balance < winc) return { dataItemId, winc: null };
      this.balances.set(payer, balance - winc);
      this.reserved.set(dataItemId, winc);
      return { dataItemId, winc: String(winc) };
    });
    return { reservations };
  }

  #isKnown(authorization = ''): boolean {
    const [header = '', claims = '', signature = ''] = authorization.replace(/^Bearer /, '').split('.');
    const expected = createHmac('sha256', this.secret).update(`${header}.${claims}`).digest();
    const given = Buffer.from(signature, 'base64url');
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) return false;
    const { aud, exp } = JSON.parse(Buffer.from(claims, 'base64url').toString()) as { aud: string; exp: number };
    return aud === PAYMENT_AUDIENCE && exp > Date.now() / 1000;
  }
}

function answer(response: ServerResponse, status: number, body: object | string): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
