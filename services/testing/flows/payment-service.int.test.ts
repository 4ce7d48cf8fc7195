import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { PAYMENT_AUDIENCE } from '@bundler/contract';
import {
  forgetNonces,
  NONCE_LIFE_MS,
  Nonces,
  Reservations,
  readAccountDifferences,
  readMoneyFigures,
} from '@bundler/payment';
import { signToken } from '@bundler/runtime';
import { freePort } from '@bundler/standalone/embedded';
import { PaymentLedger, Platform, type PlatformProcess } from '../src/index.ts';
import { Scraped } from '../src/metrics/scraped.ts';

const KEEP_ALIVE_MS = 6000;
const MAX_REQUESTS = 30;
const SECRET = randomBytes(32).toString('hex');

/** What it has in common with every other service of the platform. */
describe('the payment service as one service of many', () => {
  let platform: Platform;
  let service: PlatformProcess;

  beforeAll(async () => {
    platform = await Platform.start({
      apis: 0,
      workers: 0,
      payment: true,
      env: {
        PRIVATE_ROUTE_SECRET: SECRET,
        RATE_LIMIT_ENABLED: 'true',
        RATE_LIMIT_MAX_REQUESTS: String(MAX_REQUESTS),
        RATE_LIMIT_BLOCKED_IPS: '203.0.113.66',
        TRUSTED_PROXIES: '1',
        PAYMENT_REQUEST_TIMEOUT_MS: '4000',
        PAYMENT_KEEPALIVE_TIMEOUT_MS: String(KEEP_ALIVE_MS),
      },
    });
    service = platform.of('payment')[0]!;
  }, 60_000);
  afterAll(() => platform?.stop());

  const scrape = (): Promise<Scraped> => Scraped.from(`${service.adminUrl}/bundler_metrics`);
  const cut = async (kind: string): Promise<number> => (await scrape()).value('server_timeouts_total', { kind });

  /** What comes back on a connection until the other side ends it. */
  async function say(words: string): Promise<string> {
    const socket = connect(Number(new URL(service.url).port), '127.0.0.1');
    await once(socket, 'connect');
    socket.write(words);
    return text(socket);
  }

  it('cuts what takes too long, says so with 408, and counts it by its kind', async () => {
    const half = 'POST /v1/balance HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf of it';
    expect(await say(half)).toMatch(/^HTTP\/1.1 408 /);
    expect((await cut('idle')) + (await cut('too_long'))).toBe(1);
    expect(await say('GET /v1/info HTTP/1.1\r\nHost: x\r\n\r\n')).not.toContain('408');
    expect(await cut('keep_alive')).toBe(1);
    expect(platform.logLines.some((line) => line.includes('connection closed'))).toBe(true);
  }, 30_000);

  it('answers 400 to what is not HTTP, and counts it', async () => {
    expect(await say('hello\r\n\r\n')).toMatch(/^HTTP\/1.1 400 /);
    expect((await scrape()).value('http_client_errors_total', { code: 'HPE_INVALID_METHOD' })).toBe(1);
  });

  /** Asks through the proxy, which tells the client's address. */
  async function ask(client: string, path = '/v1/info', headers: Record<string, string> = {}): Promise<Response> {
    const answer = await fetch(service.url + path, { headers: { ...headers, 'x-forwarded-for': client } });
    await answer.clone().arrayBuffer();
    return answer;
  }
  const askOften = async (times: number, ...asked: Parameters<typeof ask>): Promise<number[]> =>
    Promise.all(Array.from({ length: times }, async () => (await ask(...asked)).status));

  it('tells that its books add up, how old its prices are, and what waits, in its metrics', async () => {
    const ledger = await PaymentLedger.open(platform.paymentDatabase.url);
    try {
      const db = ledger.database.writer;
      await ledger.credit('somebody', 1000n);
      const charge = { dataItemId: 'an-item', signer: 'somebody', byteCount: 1, winc: 400n };
      await new Reservations(db, () => 60_000, Date.now).reserve([charge]);
      await db.raw(`update reservations set created_at = now() - interval '1 hour'`);
      await db.raw(`insert into top_ups (token, transaction_id, state, winc, created_at) values
        ('arweave', 'one', 'credited', 700, now()), ('arweave', 'two', 'credited', 300, now()),
        ('arweave', 'three', 'pending', null, now() - interval '2 hours'), ('solana', 'four', 'failed', null, now())`);
      await db.raw(`insert into card_events (id, body, received_at, next_try_at) values
        ('event', '{}', now() - interval '1 hour', now() + interval '1 day')`);
      await db.raw(`insert into x402_payments
          (network, payer, nonce, beneficiary, worth, payment, requirements, state, held_until) values
        ('base', 'payer', '0x01', 'payer', 1, '{}', '{}', 'unclear', now()),
        ('base', 'payer', '0x02', 'payer', 1, '{}', '{}', 'refused', now())`);
      const other = await platform.startProcess('payment', { PAYMENT_SERVICE_PORT: String(await freePort()) });
      const of = await Scraped.from(`${other.adminUrl}/bundler_metrics`);
      expect(of.value('payment_ledger_imbalance_winc')).toBe(0);
      expect(of.value('payment_balance_winc', { kind: 'available' })).toBe(600);
      expect(of.value('payment_balance_winc', { kind: 'held' })).toBe(400);
      expect(of.value('payment_reservations_open')).toBe(1);
      expect(of.value('payment_reservation_oldest_age_seconds')).toBeGreaterThan(3599);
      expect(of.value('payment_top_ups_total', { token: 'arweave', state: 'credited' })).toBe(2);
      expect(of.value('payment_top_ups_total', { token: 'solana', state: 'failed' })).toBe(1);
      expect(of.value('payment_top_up_winc_total', { token: 'arweave' })).toBe(1000);
      expect(of.value('payment_top_ups_pending', { token: 'arweave' })).toBe(1);
      expect(of.value('payment_top_up_oldest_pending_age_seconds', { token: 'arweave' })).toBeGreaterThan(7199);
      expect(of.value('payment_price_age_seconds', { of: 'gateway' })).toBeLessThan(60);
      expect(of.value('payment_outbox_waiting', { kind: 'webhook' })).toBe(1);
      expect(of.value('payment_outbox_oldest_age_seconds', { kind: 'webhook' })).toBeGreaterThan(3599);
      expect(of.value('payment_outbox_waiting', { kind: 'gift-mail' })).toBe(0);
      expect(of.value('payment_x402_unclear')).toBe(1);
      await other.stop();

      // Somebody has changed a balance by hand.
      await db.raw(`update accounts set balance = balance + 7 where kind = 'available' and owner = 'somebody'`);
      expect((await readMoneyFigures(db)).sum).toBe('7');
      expect(await readAccountDifferences(db)).toBe('7');
    } finally {
      await ledger.close();
    }
  }, 30_000);

  it('refuses who asks its public routes too often, tells when to come back, and refuses nobody else', async () => {
    const client = '203.0.113.1';
    const first = await ask(client, '/v1/rates/nothing');
    expect(['total', 'remaining'].map((name) => first.headers.get(`rate-limit-${name}`))).toEqual([
      String(MAX_REQUESTS),
      String(MAX_REQUESTS - 1),
    ]);
    expect(new Set(await askOften(MAX_REQUESTS - 1, client))).toEqual(new Set([200]));
    const refused = await ask(client, '/v1/balance?address=somebody');
    expect([refused.status, refused.headers.get('rate-limit-remaining')]).toEqual([429, '0']);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(30);
    expect((await ask('203.0.113.2')).status).toBe(200);
    expect((await ask('203.0.113.66')).status).toBe(403);
    expect((await askOften(2, client, '/health')).concat(await askOften(2, client, '/ready'))).toEqual([
      200, 200, 200, 200,
    ]);
    const decided = (await scrape()).value('rate_limit_decisions_total', { tier: 'address', decision: 'deny' });
    expect(decided).toBe(1);
  });

  it('never counts what other services of the platform ask, and counts who only guesses at their secret', async () => {
    const token = (secret: string): Record<string, string> => {
      const now = Math.floor(Date.now() / 1000);
      return { authorization: `Bearer ${signToken(secret, { aud: PAYMENT_AUDIENCE, iat: now, exp: now + 60 })}` };
    };
    const path = '/v1/reservations/expired';
    const [ours, stranger] = ['203.0.113.3', '203.0.113.4'];
    expect(new Set(await askOften(2 * MAX_REQUESTS, ours, path, token(SECRET)))).toEqual(new Set([200]));
    const guesses = await askOften(MAX_REQUESTS + 1, stranger, path, token('a guess'.padEnd(40, '!')));
    expect(guesses.toSorted()).toEqual([...Array.from({ length: MAX_REQUESTS }, () => 401), 429]);
  });

  it.each([
    ['GET', '/v1/arns/price/Buy-Name/example'],
    ['GET', '/v1/arns/my-names/somebody'],
    ['POST', '/v1/arns/actions/buy'],
    ['POST', '/v1/arns/purchase/Buy-Name/example'],
  ])('answers 404 to %s %s, and says that it sells no names', async (method, path) => {
    const answer = await fetch(service.url + path, { method, headers: { 'x-forwarded-for': '203.0.113.5' } });
    expect([answer.status, await answer.text()]).toEqual([404, 'Not found. This service does not sell ArNS names.']);
  });

  it('forgets the nonces of signed requests that are old, however many, and no others', async () => {
    const ledger = await PaymentLedger.open(platform.paymentDatabase.url);
    try {
      const db = ledger.database.writer;
      const nonces = new Nonces(db);
      const key = randomBytes(32);
      for (const nonce of ['old-1', 'old-2', 'old-3', 'new']) expect(await nonces.use(key, nonce)).toBe(true);
      await db.raw(
        `update nonces set seen_at = now() - make_interval(secs => ?) where digest <> (
        select digest from nonces order by seen_at desc limit 1)`,
        [NONCE_LIFE_MS / 1000 + 60],
      );
      await forgetNonces(nonces, 2);
      const used = await Promise.all(['old-1', 'old-2', 'old-3', 'new'].map((nonce) => nonces.use(key, nonce)));
      expect(used).toEqual([true, true, true, false]);
    } finally {
      await ledger.close();
    }
  });
});
