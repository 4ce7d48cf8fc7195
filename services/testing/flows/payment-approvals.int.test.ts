import { randomBytes } from 'node:crypto';
import { type Approval, PAYMENT_AUDIENCE } from '@bundler/contract';
import { signToken } from '@bundler/runtime';
import { PaymentLedger, Platform, until } from '../src/index.ts';

const SECRET = randomBytes(32).toString('hex');
const GiB = 1024 ** 3;
const PATIENCE_MS = 30_000;
const TEST_MS = 60_000;

/** What is looked at of answers. */
interface Body extends Approval {
  readonly winc: string;
  readonly effectiveBalance: string;
  readonly userBalanceInWinc: string;
  readonly givenApprovals: Approval[];
  readonly receivedApprovals: Approval[];
  readonly reservations: { readonly winc: string | null }[];
  readonly settled: string[];
}

/** A random address of Arweave, or an id. */
const anId = (): string => randomBytes(32).toString('base64url');

describe('the private and public routes about shared credits and what is paid with them', () => {
  let platform: Platform;
  let ledger: PaymentLedger;
  let price: bigint;
  /** Addresses of a test's own, the first two of which have ten times the price of a GiB. */
  let [payer, second, signer] = ['', '', ''];

  beforeAll(async () => {
    const env = { PRIVATE_ROUTE_SECRET: SECRET };
    platform = await Platform.start({ apis: 0, workers: 0, payment: true, env });
    ledger = await PaymentLedger.open(platform.paymentDatabase.url);
    price = BigInt((await get(`/v1/price/bytes/${GiB}`)).body.winc);
  }, 90_000);
  afterAll(async () => {
    await ledger?.close();
    await platform?.stop();
  });
  beforeEach(async () => {
    [payer, second, signer] = [anId(), anId(), anId()];
    for (const address of [payer, second]) await ledger.credit(address, 10n * price);
  });
  afterEach(() => ledger.requireBalanced());

  const token = (secret = SECRET): string => {
    const now = Math.floor(Date.now() / 1000);
    return signToken(secret, { iss: 'test', aud: PAYMENT_AUDIENCE, iat: now, exp: now + 60 });
  };
  async function send(path: string, init: RequestInit = {}) {
    const answer = await fetch(platform.of('payment')[0]!.url + path, init);
    const text = await answer.text();
    const isJson = answer.headers.get('content-type')?.includes('json');
    return { status: answer.status, text, body: (isJson ? JSON.parse(text) : {}) as Body };
  }
  const get = (path: string, authorization?: string) => send(path, { headers: authorization ? { authorization } : {} });
  const post = (path: string, body: unknown, authorization = `Bearer ${token()}`) =>
    send(path, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { authorization, 'content-type': 'application/json' },
    });
  const ask = (path: string) => get(path, `Bearer ${token()}`);

  const wanted = (winc: bigint, more: object = {}) => ({
    dataItemId: anId(),
    payingAddress: payer,
    approvedAddress: signer,
    winc: String(winc),
    ...more,
  });
  const create = (body: object) => post('/v1/account/approvals/create', body);
  const revoke = (more: object = {}) =>
    post('/v1/account/approvals/revoke', {
      dataItemId: anId(),
      payingAddress: payer,
      approvedAddress: signer,
      ...more,
    });
  async function share(winc: bigint, more: object = {}): Promise<Approval> {
    const { body, status } = await create(wanted(winc, more));
    expect(status).toBe(200);
    return body;
  }
  const balanceOf = async (address: string) => (await get(`/v1/account/balance?address=${address}`)).body;
  async function reserve(byteCount: number, paidBy: readonly string[], address = signer, dataItemId = anId()) {
    const charge = { dataItemId, token: 'arweave', address, byteCount, paidBy };
    const { body, status } = await post('/v1/reserve-balance', { charges: [charge] });
    expect(status).toBe(200);
    return { dataItemId, winc: body.reservations[0]!.winc };
  }
  const settle = async (settlement: string, dataItemId: string): Promise<string[]> =>
    (await post(`/v1/${settlement}-balance`, { dataItemIds: [dataItemId] })).body.settled;

  describe('approvals', () => {
    it('are made, told of on both sides, and move what can be spent', async () => {
      const made = await share(100n, { expiresInSeconds: 3600 });
      expect(made).toEqual({
        approvalDataItemId: expect.stringMatching(/^[\w-]{43}$/),
        payingAddress: payer,
        approvedAddress: signer,
        approvedWincAmount: '100',
        usedWincAmount: '0',
        creationDate: expect.any(String),
        expirationDate: expect.any(String),
      });
      expect(Date.parse(made.expirationDate!) - Date.parse(made.creationDate)).toBe(3_600_000);
      const funds = 10n * price;
      expect(await balanceOf(payer)).toEqual({
        winc: String(funds - 100n),
        balance: String(funds - 100n),
        controlledWinc: String(funds),
        effectiveBalance: String(funds - 100n),
        givenApprovals: [made],
        receivedApprovals: [],
      });
      expect(await balanceOf(signer)).toEqual({
        winc: '0',
        balance: '0',
        controlledWinc: '0',
        effectiveBalance: '100',
        givenApprovals: [],
        receivedApprovals: [made],
      });
      expect((await get(`/v1/account/approvals/get?userAddress=${signer}`)).body).toEqual({
        givenApprovals: [],
        receivedApprovals: [made],
      });
    });

    it('are told in the order in which they are spent, and summed up between two addresses', async () => {
      const never = await share(1n);
      const late = await share(2n, { expiresInSeconds: 5000 });
      const soon = await share(3n, { expiresInSeconds: 50 });
      const neverToo = await share(4n);
      await share(5n, { approvedAddress: second });
      for (const path of ['approvals', 'approval']) {
        const { body } = await get(`/v1/account/${path}?payingAddress=${payer}&approvedAddress=${signer}`);
        expect(body).toEqual({
          approvals: [soon, late, never, neverToo],
          amount: '10',
          expiresBy: soon.expirationDate,
        });
      }
      expect((await get(`/v1/account/approvals?payingAddress=${signer}&approvedAddress=${payer}`)).body).toEqual({
        approvals: [],
        amount: '0',
      });
      expect((await get(`/v1/account/approvals/get?userAddress=${anId()}`)).body).toEqual({
        givenApprovals: [],
        receivedApprovals: [],
      });
      expect((await get('/v1/account/approvals/get?userAddress=nobody')).status).toBe(400);
    });

    it('are one for each data item, and none for one whose approval has ended', async () => {
      const body = wanted(7n);
      const [one, again] = [await create(body), await create(body)];
      expect(again).toEqual(one);
      expect((await balanceOf(payer)).givenApprovals.length).toBe(1);
      expect((await create({ ...body, winc: '8' })).status).toBe(400);
      await revoke();
      const late = await create(body);
      expect([late.status, late.text]).toEqual([400, expect.stringContaining('has ended')]);
      expect((await balanceOf(payer)).givenApprovals).toEqual([]);
    });

    it.each<[string, object]>([
      ['an address that is none', { approvedAddress: 'invalidAddress' }],
      ['no amount', { winc: undefined }],
      ['an amount of nothing', { winc: '0' }],
      ['an amount that is no whole number', { winc: '1.5' }],
      ['an amount below nothing', { winc: '-1' }],
      ['a time to expire that is over', { expiresInSeconds: -1 }],
      ['an id that is none', { dataItemId: 'short' }],
      ['a payer that is no address', { payingAddress: 'nobody' }],
    ])('are refused with 400 for %s', async (_, more) => {
      expect((await create(wanted(1n, more))).status).toBe(400);
      expect((await balanceOf(payer)).winc).toBe(String(10n * price));
    });

    it('are refused with 400 for oneself, in whatever form one writes it', async () => {
      const address = `0x${randomBytes(20).toString('hex')}`;
      const { status, text } = await create(wanted(1n, { payingAddress: address, approvedAddress: address }));
      expect([status, text]).toEqual([400, 'Invalid approved address']);
    });

    it('are refused with 402 beyond what their payer has, and for a payer whom nobody knows', async () => {
      const tooMuch = await create(wanted(10n * price + 1n));
      expect([tooMuch.status, tooMuch.text]).toEqual([402, `Insufficient balance for '${payer}'`]);
      expect((await create(wanted(1n, { payingAddress: anId() }))).status).toBe(402);
      await share(10n * price);
      expect((await create(wanted(1n))).status).toBe(402);
    });

    it('are nobody’s business without a token of this platform, nor by GET', async () => {
      for (const authorization of ['', 'Bearer nonsense', `Bearer ${token('x'.repeat(64))}`]) {
        for (const path of ['create', 'revoke']) {
          expect((await post(`/v1/account/approvals/${path}`, wanted(1n), authorization)).status).toBe(401);
        }
      }
      expect((await ask('/v1/account/approvals/create?winc=1')).status).toBe(404);
      expect((await balanceOf(payer)).givenApprovals).toEqual([]);
    });

    it('are revoked, all between two addresses at once, and what is left comes back', async () => {
      const made = [await share(100n), await share(50n)];
      const other = await share(25n, { approvedAddress: second });
      const dataItemId = anId();
      const revoked = await revoke({ dataItemId });
      expect([revoked.status, revoked.body]).toEqual([200, made]);
      // Told once more it is the same answer, and moves nothing more.
      expect(await revoke({ dataItemId })).toEqual(revoked);
      expect(await balanceOf(payer)).toMatchObject({ winc: String(10n * price - 25n), givenApprovals: [other] });
      const none = await revoke();
      expect([none.status, none.text]).toEqual([400, 'Unable to revoke delegated payment approval !']);
      expect((await revoke({ approvedAddress: 'nobody' })).status).toBe(400);
    });

    it(
      'expire, and what is left comes back',
      async () => {
        const made = await share(100n, { expiresInSeconds: 1 });
        expect((await balanceOf(payer)).winc).toBe(String(10n * price - 100n));
        await until(async () => (await balanceOf(payer)).winc === String(10n * price), PATIENCE_MS);
        expect((await balanceOf(payer)).givenApprovals).toEqual([]);
        expect((await get(`/v1/account/balance?address=${signer}`)).status).toBe(404);
        expect((await create({ ...wanted(100n), dataItemId: made.approvalDataItemId })).status).toBe(400);
      },
      TEST_MS,
    );
  });

  describe('the check before an upload', () => {
    const check = (query: string) => ask(`/v1/check-balance/arweave/${signer}?byteCount=${query}`);

    it('counts what all payers share, and asks nobody for what costs nothing', async () => {
      expect((await check(`${GiB}&paidBy=${payer}`)).status).toBe(404);
      await share(price / 2n);
      const half = await check(`${GiB}&paidBy=${payer}&paidBy=${anId()}`);
      expect([half.status, half.body]).toEqual([
        402,
        { userHasSufficientBalance: false, bytesCostInWinc: String(price), userBalanceInWinc: String(price / 2n) },
      ]);
      await share(price, { payingAddress: second });
      const both = await check(`${GiB}&paidBy=${payer}&paidBy=${second}`);
      expect([both.status, both.body.userBalanceInWinc]).toEqual([200, String(price / 2n + price)]);
      expect((await check(String(GiB))).status).toBe(404);
      const free = await check('0');
      expect([free.status, free.body]).toEqual([
        200,
        { userHasSufficientBalance: true, bytesCostInWinc: '0', userBalanceInWinc: '0' },
      ]);
      expect((await get(`/v1/check-balance/arweave/${signer}?byteCount=1`)).status).toBe(401);
      expect((await check('-1')).status).toBe(400);
    });
  });

  describe('reservations', () => {
    it('are taken from payers in their order, then from the signer', async () => {
      await share(price / 2n);
      await share(price, { payingAddress: second });
      await ledger.credit(signer, price);
      expect((await reserve(GiB, [payer, second])).winc).toBe(String(price));
      expect((await balanceOf(signer)).effectiveBalance).toBe(String(price + price / 2n));
      expect((await reserve(GiB, [second, payer])).winc).toBe(String(price));
      expect(await balanceOf(signer)).toMatchObject({ winc: String(price / 2n), receivedApprovals: [] });
      expect((await reserve(GiB, [payer, second])).winc).toBeNull();
      expect((await reserve(GiB, [])).winc).toBeNull();
      expect(await ledger.balance('available', signer)).toBe(price / 2n);
    });

    it('know payers in whatever form their address is written, and pass over what is none', async () => {
      const address = `0x${randomBytes(20).toString('hex')}`;
      const made = await create(wanted(1n, { approvedAddress: address }));
      const { approvedAddress } = made.body;
      await share(price, { approvedAddress: address.toUpperCase().replace('0X', '0x') });
      expect((await reserve(GiB, ['no address', payer], approvedAddress)).winc).toBe(String(price));
    });

    it('are free for whoever has nothing when the price is nothing, and none otherwise', async () => {
      expect([await reserve(0, []), await reserve(1, [payer])].map(({ winc }) => winc)).toEqual(['0', null]);
    });

    it('are one for each item, also for many at once, and may be made again after a refund', async () => {
      await share(5n * price);
      const id = anId();
      await Promise.all(Array.from({ length: 10 }, () => reserve(GiB, [payer], signer, id)));
      expect(await ledger.reservations(id)).toEqual([['pending', price]]);
      expect(await settle('capture', id)).toEqual([id]);
      expect([await settle('refund', id), await settle('refund', id)]).toEqual([[id], []]);
      expect((await balanceOf(signer)).effectiveBalance).toBe(String(5n * price));
      await reserve(GiB, [payer], signer, id);
      expect((await balanceOf(signer)).effectiveBalance).toBe(String(4n * price));
    });
  });

  describe('refunds', () => {
    it('go to where the credits came from, over several payers', async () => {
      const shared = await share(price / 2n);
      await ledger.credit(signer, price);
      const { dataItemId } = await reserve(GiB, [payer]);
      await settle('capture', dataItemId);
      expect(await balanceOf(signer)).toMatchObject({
        winc: String(price - (price - price / 2n)),
        receivedApprovals: [],
      });
      await settle('refund', dataItemId);
      expect(await balanceOf(signer)).toMatchObject({ winc: String(price), receivedApprovals: [shared] });
    });

    it.each<['revoked' | 'used up, then revoked', bigint]>([
      ['revoked', 2n],
      ['used up, then revoked', 1n],
    ])('go to the payer once when the approval was %s meanwhile', async (_, gibibytes) => {
      await share(gibibytes * price);
      const { dataItemId } = await reserve(GiB, [payer]);
      await settle('capture', dataItemId);
      expect((await revoke()).body).toMatchObject([{ usedWincAmount: String(price) }]);
      for (let times = 0; times < 3; times += 1) await settle('refund', dataItemId);
      expect((await balanceOf(payer)).winc).toBe(String(10n * price));
      expect((await get(`/v1/account/balance?address=${signer}`)).status).toBe(404);
    });

    it(
      'go to the payer once when the approval has expired meanwhile',
      async () => {
        await share(2n * price, { expiresInSeconds: 2 });
        const { dataItemId, winc } = await reserve(GiB, [payer]);
        expect(winc).toBe(String(price));
        await settle('capture', dataItemId);
        await until(async () => (await get(`/v1/account/balance?address=${signer}`)).status === 404, PATIENCE_MS);
        for (let times = 0; times < 3; times += 1) await settle('refund', dataItemId);
        expect((await balanceOf(payer)).winc).toBe(String(10n * price));
      },
      TEST_MS,
    );

    it('are none for an item that nobody has paid for', async () => {
      expect(await settle('refund', anId())).toEqual([]);
    });
  });
});
