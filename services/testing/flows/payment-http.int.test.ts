import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import {
  arweaveSigner,
  ethereumSigner,
  generateJwk,
  type SignatureTypeId,
  type Signer,
  signatureTypes,
  solanaSigner,
} from '@bundler/ans104';
import { PAYMENT_AUDIENCE } from '@bundler/contract';
import { Balances } from '@bundler/payment';
import { signToken } from '@bundler/runtime';
import { sendWinston } from '../src/arweave-transfer.ts';
import { addressOf, PaymentLedger, Platform, until } from '../src/index.ts';
import { RatesStandIn } from '../src/rates-stand-in.ts';
import { startTcpProxy, type TcpProxy } from '../src/tcp-proxy.ts';
import { testWallet } from '../src/wallet.ts';

const SECRET = randomBytes(32).toString('hex');
const PATIENCE_MS = 30_000;
const TEST_MS = 60_000;
const CONFIRMATIONS = 3;

interface Answer {
  readonly status: number;
  readonly text: string;
}

describe('the payment service over HTTP', () => {
  let rates: RatesStandIn;
  let platform: Platform;
  let ledger: PaymentLedger;
  let ours: string;
  let sender: Awaited<ReturnType<typeof testWallet>>;
  let excluded: Awaited<ReturnType<typeof testWallet>>;
  let toDatabase: TcpProxy;
  let url: string;

  beforeAll(async () => {
    rates = new RatesStandIn();
    rates.away = true;
    sender = await testWallet();
    [ours, excluded] = [addressOf(await generateJwk()), await generateJwk()];
    platform = await Platform.start({
      payment: true,
      apis: 0,
      workers: 0,
      blockIntervalMs: 0,
      env: {
        PAYMENT_ARWEAVE_ADDRESS: ours,
        ARWEAVE_MIN_CONFIRMATIONS: String(CONFIRMATIONS),
        PENDING_TX_INTERVAL_MS: '100',
        COINGECKO_API_URL: await rates.start(),
        CRYPTO_FUND_EXCLUDED_ADDRESSES: addressOf(excluded),
        PRIVATE_ROUTE_SECRET: SECRET,
      },
    });
    platform.gateway.mint(addressOf(sender), 10n ** 15n);
    platform.gateway.mint(addressOf(excluded), 10n ** 15n);
    platform.gateway.mine();
    const database = new URL(platform.paymentDatabase.url);
    toDatabase = await startTcpProxy(Number(database.port));
    database.port = String(toDatabase.port);
    await platform.of('payment')[0]!.kill9();
    ({ url } = await platform.startProcess('payment', { PAYMENT_DB_URL: database.href }));
    ledger = await PaymentLedger.open(platform.paymentDatabase.url, 20);
  }, 120_000);
  afterAll(async () => {
    await ledger?.close();
    await platform?.stop();
    await toDatabase?.close();
    await rates?.stop();
  });
  afterEach(async () => {
    platform.gateway.faults.clear();
    await ledger.requireBalanced();
  });

  async function ask(path: string, init?: RequestInit): Promise<Answer> {
    const answer = await fetch(url + path, init);
    return { status: answer.status, text: await answer.text() };
  }
  const statusOf = async (path: string, init?: RequestInit): Promise<number> => (await ask(path, init)).status;
  async function read<Body = Record<string, unknown>>(path: string, init?: RequestInit): Promise<Body> {
    const { status, text } = await ask(path, init);
    expect([path, status]).toEqual([path, 200]);
    return JSON.parse(text) as Body;
  }

  describe('61 and 63: prices, rates and lists', () => {
    it('are answered with 503 while nobody can tell a price or a rate, and told as soon as somebody can', async () => {
      platform.gateway.faults.add({ status: 500 });
      for (const path of [
        '/v1/price/bytes/1000',
        '/v1/price/1000',
        '/v1/rates',
        '/v1/rates/usd',
        '/v1/price/usd/1000',
      ]) {
        const { status, text } = await ask(path);
        expect([path, status, text]).toEqual([path, 503, 'Prices cannot be told right now; try again shortly.']);
      }
      // They need nobody.
      expect([await statusOf('/v1/currencies'), await statusOf('/v1/countries')]).toEqual([200, 200]);
      platform.gateway.faults.clear();
      rates.away = false;
      for (const path of ['/v1/price/bytes/1000', '/v1/price/1000', '/v1/rates', '/v1/rates/usd', '/v1/price/usd/1000'])
        expect([path, await statusOf(path)]).toEqual([path, 200]);
    });

    it('are for whole numbers that a number of JavaScript holds', async () => {
      const { winc } = await read<{ winc: string }>(`/v1/price/bytes/${Number.MAX_SAFE_INTEGER}`);
      expect(BigInt(winc)).toBeGreaterThan(0n);
      for (const bytes of ['9007199254740992', '1e3', '1.5', '-1', 'junk', '%20'])
        expect([bytes, await statusOf(`/v1/price/bytes/${bytes}`)]).toEqual([bytes, 400]);
    });

    it('are told in the currencies that there are, in whatever case their names are written', async () => {
      expect(await read('/v1/rates/USD')).toEqual({ currency: 'usd', rate: 10 });
      expect(await read('/v1/rates/uSd')).toEqual({ currency: 'usd', rate: 10 });
      expect(await statusOf('/v1/rates/xyz')).toBe(404);
      const { fiat } = await read<{ fiat: Record<string, number> }>('/v1/rates');
      const { limits, supportedCurrencies } = await read<{ limits: object; supportedCurrencies: string[] }>(
        '/v1/currencies',
      );
      expect(Object.keys(fiat)).toEqual(supportedCurrencies);
      expect(Object.keys(limits)).toEqual(supportedCurrencies);
    });
  });

  describe('62: prices in currencies', () => {
    it.each([
      ['499', 400],
      ['500', 200],
      ['1000000', 200],
      ['1000001', 400],
      ['12.5', 400],
      ['junk', 400],
    ])('of %s cents are answered with %i', async (cents, status) => {
      expect(await statusOf(`/v1/price/usd/${cents}`)).toBe(status);
    });

    it('are none in a currency that nobody knows, and none by a code that nobody knows', async () => {
      expect(await statusOf('/v1/price/xyz/1000')).toBe(400);
      const code = await ask(`/v1/price/usd/1000?destinationAddress=${ours}&promoCode=NONE`);
      expect([code.status, code.text]).toEqual([400, expect.stringContaining("No promo code found with code 'NONE'")]);
    });
  });

  describe('64: balances', () => {
    const signers: [string, SignatureTypeId, () => Promise<Signer>][] = [
      ['an Arweave wallet', 1, async () => arweaveSigner(sender)],
      ['an Ethereum account', 3, async () => ethereumSigner(randomBytes(32))],
      ['a Solana account', 4, async () => solanaSigner(randomBytes(32))],
    ];

    async function signedBy(signer: Signer, type: SignatureTypeId): Promise<Record<string, string>> {
      const nonce = randomBytes(16).toString('hex');
      const signature = await signer.sign(Buffer.from(nonce));
      return {
        'x-public-key': Buffer.from(signer.owner).toString('base64url'),
        'x-nonce': nonce,
        'x-signature': Buffer.from(signature).toString('base64url'),
        'x-signature-type': String(type),
      };
    }

    it.each(signers)('of %s are told to who signs for them, and to everybody by address', async (_, type, make) => {
      const signer = await make();
      const address = signatureTypes[type].nativeAddress(signer.owner);
      await ledger.credit(address, 2n ** 70n);
      const winc = String(2n ** 70n);
      const balance = {
        winc,
        balance: winc,
        controlledWinc: winc,
        effectiveBalance: winc,
        givenApprovals: [],
        receivedApprovals: [],
      };
      expect(await read('/v1/balance', { headers: await signedBy(signer, type) })).toEqual(balance);
      for (const path of ['/v1/balance', '/v1/account/balance', `/v1/account/balance/${signatureTypes[type].name}`])
        expect(await read(`${path}?address=${address}`)).toEqual(balance);
      const headers = await signedBy(signer, type);
      const bad = { ...headers, 'x-nonce': randomBytes(16).toString('hex') };
      expect(await statusOf('/v1/balance', { headers: bad })).toBe(403);
    });

    it('are known by one form of an address of Ethereum, however it is written', async () => {
      const address = signatureTypes[3].nativeAddress(ethereumSigner(randomBytes(32)).owner);
      await ledger.credit(address, 5n);
      expect(await read(`/v1/account/balance/ethereum?address=${address.toLowerCase()}`)).toMatchObject({ winc: '5' });
    });

    it('are 404 for a stranger, and 400 without an address', async () => {
      const stranger = randomBytes(32).toString('base64url');
      expect(await ask(`/v1/account/balance/arweave?address=${stranger}`)).toEqual({
        status: 404,
        text: 'User Not Found',
      });
      expect(await statusOf('/v1/account/balance/arweave')).toBe(400);
      expect(await statusOf('/v1/account/balance/arweave?address=nobody')).toBe(400);
      expect(await statusOf('/v1/balance')).toBe(403);
    });
  });

  describe('68: transactions that bring credits', () => {
    const tell = (body: string | undefined, token = 'arweave', headers: Record<string, string> = {}): Promise<Answer> =>
      // A body of bytes has no content type of its own, as the SDK sends it.
      ask(`/v1/account/balance/${token}`, {
        method: 'POST',
        headers,
        ...(body !== undefined && { body: new TextEncoder().encode(body) }),
      });
    const tellOf = (id: string, token?: string): Promise<Answer> => tell(JSON.stringify({ tx_id: id }), token);
    const send = (winston: bigint, from = sender, to = ours): Promise<string> =>
      sendWinston(platform.gateway.url, from as never, { to, winston });
    const confirm = (): void => platform.gateway.mine(CONFIRMATIONS + 1);

    it(
      'are pending until they are confirmed, twice as well, then credited, and credited once',
      async () => {
        const id = await send(1000n);
        for (let times = 0; times < 2; times += 1) {
          const pending = await tellOf(id);
          expect([pending.status, JSON.parse(pending.text)]).toEqual([
            202,
            expect.objectContaining({ pendingTransaction: expect.objectContaining({ transactionId: id }) }),
          ]);
        }
        const before = await ledger.balance('available', addressOf(sender));
        confirm();
        await until(async () => (await tellOf(id)).status === 200, PATIENCE_MS);
        const again = await tellOf(id);
        expect([again.status, JSON.parse(again.text)]).toEqual([
          200,
          {
            creditedTransaction: expect.objectContaining({ transactionId: id, winstonCreditAmount: '1000' }),
            message: 'Transaction already credited',
          },
        ]);
        expect(await ledger.balance('available', addressOf(sender))).toBe(before + 1000n);
      },
      TEST_MS,
    );

    it('are refused of whom nothing is taken, for nobody, and to somebody else', async () => {
      const [banned, elsewhere] = [await send(1000n, excluded), await send(1000n, sender, addressOf(excluded))];
      confirm();
      expect(await tellOf(banned)).toEqual({ status: 403, text: 'Transactions of this sender are not credited.' });
      expect((await tellOf(elsewhere)).status).toBe(400);
      expect((await tellOf(randomBytes(32).toString('base64url'))).text).toBe('Transaction not found');
      expect((await tellOf(randomBytes(32).toString('base64url'))).status).toBe(404);
    });

    it('are refused when they are worth less than one credit', async () => {
      const id = await send(0n);
      confirm();
      const refused = await tellOf(id);
      expect([refused.status, refused.text]).toEqual([400, expect.stringContaining('less than one winston credit')]);
    });

    it.each([
      ['no body', undefined],
      ['no JSON', '{'],
      ['no object', '7'],
      ['no id', '{}'],
      ['an id that is none', '{"tx_id":"short"}'],
      ['an id that is no text', '{"tx_id":7}'],
    ])('are refused with 400 when they are told of with %s', async (_, body) => {
      expect((await tell(body)).status).toBe(400);
      expect((await tell(body, 'arweave', { 'content-type': 'application/json' })).status).toBe(400);
    });

    it('are refused with 400 in a token that is not taken, and with 503 while its chain cannot be asked', async () => {
      expect((await tellOf(randomBytes(32).toString('base64url'), 'doge')).status).toBe(400);
      platform.gateway.faults.add({ route: 'GET /tx/:id/status', status: 500 });
      const { status, text } = await tellOf(randomBytes(32).toString('base64url'));
      expect([status, text]).toEqual([503, expect.stringContaining('cannot be asked')]);
    });

    describe('69: that are looked at again by the clock', () => {
      const stateOf = async (id: string): Promise<[string, string | null]> => {
        const { rows } = await ledger.database.writer.raw<{ rows: { state: string; reason: string | null }[] }>(
          'select state, failed_reason as reason from top_ups where transaction_id = ?',
          [id],
        );
        return [rows[0]!.state, rows[0]!.reason];
      };
      /** Waits until the clock has looked at all that wait. */
      const lookedAt = (id: string): Promise<void> => {
        const since = new Date();
        return until(async () => {
          const { rowCount } = await ledger.database.writer.raw(
            'select from top_ups where transaction_id = ? and checked_at > ?',
            [id, since] as never,
          );
          return rowCount > 0;
        }, PATIENCE_MS);
      };
      const keep = (id: string, age: string) =>
        ledger.database.writer.raw(
          `insert into top_ups (token, transaction_id, state, created_at) values ('arweave', ?, 'pending', now() - ?::interval)`,
          [id, age],
        );

      it(
        'stay pending while they wait, are credited when they are confirmed, and are given up when nobody knows them after a day',
        async () => {
          const [waiting, fresh, lost] = [await send(77n), ...[0, 1].map(() => randomBytes(32).toString('base64url'))];
          await tellOf(waiting!);
          await keep(fresh!, '1 minute');
          await keep(lost!, '2 days');
          await until(async () => (await stateOf(lost!))[0] === 'failed', PATIENCE_MS);
          expect(await stateOf(lost!)).toEqual(['failed', 'not_found']);
          await lookedAt(fresh!);
          await lookedAt(waiting!);
          expect([await stateOf(fresh!), await stateOf(waiting!)]).toEqual([
            ['pending', null],
            ['pending', null],
          ]);
          confirm();
          await until(async () => (await stateOf(waiting!))[0] === 'credited', PATIENCE_MS);
          await ledger.database.writer.raw(`delete from top_ups where transaction_id = ?`, [fresh!]);
        },
        TEST_MS,
      );
    });
  });

  describe('73: routes of services', () => {
    const MINUTE = 60;
    const claims = (changed: object = {}) => {
      const now = Math.floor(Date.now() / 1000);
      return { iss: 'test', aud: PAYMENT_AUDIENCE, iat: now, exp: now + MINUTE, ...changed };
    };

    it('let nobody in without a good token of a service: no stranger, no client, no other audience, no old one', async () => {
      const document = JSON.parse(await readFile(new URL('../../payment/openapi.json', import.meta.url), 'utf8')) as {
        paths: Record<string, Record<string, { tags?: string[] }>>;
      };
      const routes = Object.entries(document.paths).flatMap(([path, methods]) =>
        Object.entries(methods)
          .filter(([, { tags }]) => tags?.includes('services'))
          .map(([method]) => ({ method: method.toUpperCase(), path: path.replaceAll(/\{\w+\}/g, 'x') })),
      );
      expect(routes.length).toBeGreaterThan(8);
      const strangers = {
        none: undefined,
        'other secret': `Bearer ${signToken(randomBytes(32).toString('hex'), claims())}`,
        client: `Bearer ${signToken(SECRET, { walletAddress: ours, exp: claims().exp })}`,
        'other audience': `Bearer ${signToken(SECRET, claims({ aud: 'bundler-upload' }))}`,
        old: `Bearer ${signToken(SECRET, claims({ exp: claims().iat - 1 }))}`,
        'no token': SECRET,
      };
      for (const { method, path } of routes) {
        for (const [who, authorization] of Object.entries(strangers)) {
          const init = {
            method,
            headers: { 'content-type': 'application/json', ...(authorization && { authorization }) },
            ...(method === 'POST' && { body: '{}' }),
          };
          expect([method, path, who, await statusOf(path, init)]).toEqual([method, path, who, 401]);
        }
        const authorization = `Bearer ${signToken(SECRET, claims())}`;
        const init = {
          method,
          headers: { 'content-type': 'application/json', authorization },
          ...(method === 'POST' && { body: '{}' }),
        };
        expect([method, path, await statusOf(path, init)]).not.toEqual([method, path, 401]);
      }
    });
  });

  it('76: loses none of many credits that come to a new wallet at once', async () => {
    const address = randomBytes(32).toString('base64url');
    const balances = new Balances(ledger.database.writer);
    await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        balances.credit(address, BigInt(index + 1), 'test', `many-${address}-${index}`),
      ),
    );
    expect(await read(`/v1/account/balance/arweave?address=${address}`)).toMatchObject({ winc: String((50 * 51) / 2) });
  });

  it('77: takes nothing by x402 while that is off', async () => {
    const now = Math.floor(Date.now() / 1000);
    const claims = { iss: 'test', aud: PAYMENT_AUDIENCE, iat: now, exp: now + 60 };
    const authorization = `Bearer ${signToken(SECRET, claims)}`;
    const headers = { 'content-type': 'application/json', authorization };
    expect(await read('/v1/x402/quote', { method: 'POST', headers, body: '{"byteCount":5000}' })).toEqual({
      accepts: [],
    });
  });

  it('64: answers with 503 while its database is away, and as ever when it is back', async () => {
    const address = randomBytes(32).toString('base64url');
    const path = `/v1/account/balance/arweave?address=${address}`;
    toDatabase.open = false;
    toDatabase.cut();
    const { status, text } = await ask(path);
    expect([status, text]).toEqual([503, expect.stringContaining('try again shortly')]);
    toDatabase.open = true;
    await until(async () => (await statusOf(path)) === 404, PATIENCE_MS);
  });
});
