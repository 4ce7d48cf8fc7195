import { randomBytes } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { createDataItem, ethereumSigner } from '@bundler/ans104';
import type { Receipt } from '@bundler/client';
import type { PaidReceipt, X402Payment, X402Requirements } from '@bundler/contract';
import { describeUnless, PaymentLedger, Platform, until } from '../src/index.ts';
import { RatesStandIn } from '../src/rates-stand-in.ts';
import { findTurboSdk } from '../src/turbo-sdk/install.ts';
import type { TurboSdk } from '../src/turbo-sdk/turbo-sdk.ts';
import { testWalletFile } from '../src/wallet.ts';
import { AnswerProxy } from '../src/x402/answer-proxy.ts';
import { FacilitatorDouble } from '../src/x402/facilitator-double.ts';
import { paymentHeader, TestPayer } from '../src/x402/transfer.ts';

const MiB = 1024 * 1024;
/** More than the header that a wallet of Arweave signs. */
const FREE_LIMIT = 1500;
const PATH = '/v1/x402/upload/unsigned';
const PAY_TO = '0x1111111111111111111111111111111111111111';
const PATIENCE_MS = 90_000;
const TEST_MS = 240_000;
const AGAIN_MS = 300;

interface Required {
  readonly x402Version: number;
  readonly accepts: (X402Requirements & { readonly resource: string; readonly description: string })[];
  readonly error: string;
}

const source = await findTurboSdk(process.env, (line) => process.stderr.write(`${line}\n`));

describe('uploads that are paid for by x402', () => {
  let facilitator: FacilitatorDouble;
  let rates: RatesStandIn;
  let proxy: AnswerProxy;
  let platform: Platform;
  let ledger: PaymentLedger;
  let url: string;
  let removeWallet: () => Promise<void>;

  beforeAll(async () => {
    facilitator = new FacilitatorDouble();
    rates = new RatesStandIn();
    proxy = new AnswerProxy(() => platform.of('payment')[0]!.url);
    const rawWallet = await testWalletFile();
    removeWallet = rawWallet.remove;
    platform = await Platform.start({
      payment: true,
      apis: 0,
      env: {
        FREE_UPLOAD_LIMIT: String(FREE_LIMIT),
        RAW_DATA_UPLOADS_ENABLED: 'true',
        RAW_DATA_WALLET_FILE: rawWallet.path,
        X402_PAYMENT_ADDRESS: PAY_TO,
        X402_FACILITATOR_URL: await facilitator.start(),
        COINGECKO_API_URL: await rates.start(),
        PENDING_TX_INTERVAL_MS: '200',
        PAYMENT_SERVICE_RESET_TIMEOUT: '300',
      },
    });
    ({ url } = await platform.startProcess('upload', { PAYMENT_SERVICE_URL: await proxy.start() }));
    ledger = await PaymentLedger.open(platform.paymentDatabase.url);
  }, 240_000);
  afterAll(async () => {
    await ledger?.close();
    await platform?.stop();
    await proxy?.stop();
    await rates?.stop();
    await facilitator?.stop();
    await removeWallet?.();
  });
  afterEach(async () => {
    facilitator.onStep = async () => undefined;
    proxy.onAnswer = async () => undefined;
    facilitator.away = false;
    await ledger.requireBalanced();
  });

  const post = (data: Uint8Array, headers: Record<string, string> = {}, path = PATH): Promise<Response> =>
    fetch(url + path, { method: 'POST', headers, body: new Uint8Array(data) });
  const paying = (payment: unknown) => ({ 'x-payment': paymentHeader(payment) });

  async function quoteFor(data: Uint8Array, path = PATH): Promise<Required> {
    const answer = await post(data, { 'content-type': 'application/octet-stream' }, path);
    expect(answer.status).toBe(402);
    return (await answer.json()) as Required;
  }

  async function payFor(data: Uint8Array, payer = new TestPayer()): Promise<Response> {
    const { accepts } = await quoteFor(data);
    return post(data, paying(await payer.pay(accepts[0]!)));
  }

  const transfersOf = ({ address }: TestPayer) =>
    facilitator.transfers.filter(({ from }) => from === address.toLowerCase());
  /** What came in from a payer's payments. */
  async function creditedTo({ address }: TestPayer): Promise<bigint> {
    const { rows } = await ledger.database.writer.raw<{ rows: { winc: string }[] }>(
      `select coalesce(sum(worth), 0)::text as winc from x402_payments where payer = ? and state = 'credited'`,
      [address],
    );
    return BigInt(rows[0]!.winc);
  }
  const available = ({ address }: TestPayer): Promise<bigint> => ledger.balance('available', address);
  const isKnown = async (id: string): Promise<boolean> => (await fetch(`${url}/v1/tx/${id}/status`)).status === 200;

  describe('unsigned', () => {
    it('are told what they cost, and to whom, when they come without a payment', async () => {
      const answer = await post(randomBytes(5000));
      expect([answer.status, answer.headers.get('x-payment-required')]).toEqual([402, 'x402-1']);
      const { accepts, error, x402Version } = (await answer.json()) as Required;
      expect(error).toContain('Insufficient balance');
      expect(x402Version).toBe(1);
      expect(accepts).toEqual([
        {
          scheme: 'exact',
          network: 'base',
          maxAmountRequired: expect.stringMatching(/^[1-9][0-9]*$/),
          payTo: PAY_TO,
          asset: '0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913',
          maxTimeoutSeconds: 300,
          extra: { name: 'USD Coin', version: '2' },
          resource: `${url}${PATH}`,
          description: expect.any(String),
          mimeType: 'application/json',
        },
      ]);
      // One AR is ten dollars here, and the price has a margin for rates that move.
      const price = await fetch(`${platform.of('payment')[0]!.url}/v1/price/bytes/${1024 ** 3}`);
      const { winc } = (await price.json()) as { winc: string };
      const [large] = (
        (await (
          await fetch(`${url}/v1/chunks/base-usdc/-1/-1?totalBytes=${1024 ** 3}&address=${PAY_TO}`)
        ).json()) as Required
      ).accepts;
      const dollars = Number(large!.maxAmountRequired) / 1e6;
      expect(dollars / ((Number(winc) / 1e12) * 10)).toBeCloseTo(1.05, 3);
      expect(large!.maxTimeoutSeconds).toBe(1800);
    });

    it('cost nothing while they are small, whatever payment comes with them', async () => {
      const payer = new TestPayer();
      const { accepts } = await quoteFor(randomBytes(5000));
      const answer = await post(randomBytes(100), paying(await payer.pay(accepts[0]!)));
      expect([answer.status, ((await answer.json()) as Receipt).winc]).toEqual([200, '0']);
      expect(transfersOf(payer)).toEqual([]);
    });

    it.each([5000, 3 * MiB])(
      'of %i bytes are taken for the payment, which comes into the ledger and is spent there',
      async (size) => {
        const [payer, data] = [new TestPayer(), randomBytes(size)];
        const answer = await payFor(data, payer);
        expect(answer.status).toBe(200);
        const receipt = (await answer.json()) as PaidReceipt;
        const [transfer, ...others] = transfersOf(payer);
        expect(others).toEqual([]);
        expect(receipt.x402Payment).toEqual({
          paymentId: expect.any(String),
          transactionHash: transfer!.transaction,
          network: 'base',
          payer: payer.address,
        });
        const told = JSON.parse(Buffer.from(answer.headers.get('x-payment-response')!, 'base64').toString());
        expect(told).toEqual({
          success: true,
          transaction: transfer!.transaction,
          network: 'base',
          payer: payer.address,
        });
        await until(async () => (await ledger.reservations(receipt.id))[0]?.[0] === 'captured', PATIENCE_MS);
        expect(await ledger.reservations(receipt.id)).toEqual([['captured', BigInt(receipt.winc)]]);
        const credited = await creditedTo(payer);
        expect(BigInt(receipt.winc)).toBeGreaterThan(0n);
        // What the margin left over is the payer's.
        expect(await available(payer)).toBe(credited - BigInt(receipt.winc));
        await platform.client().waitFor(receipt.id, 'permanent', { intervalMs: 50, timeoutMs: PATIENCE_MS });
      },
      TEST_MS,
    );

    it.each([5000, 3 * MiB])('of %i bytes that are here already are not paid for again', async (size) => {
      const [payer, data] = [new TestPayer(), randomBytes(size)];
      const first = (await (await payFor(data, payer)).json()) as PaidReceipt;
      for (const again of [payer, new TestPayer()]) {
        const answer = await payFor(data, again);
        expect([answer.status, answer.headers.get('x-payment-response')]).toEqual([200, null]);
        const { x402Payment: _, ...receipt } = first;
        expect(await answer.json()).toEqual(receipt);
      }
      expect(
        facilitator.transfers.filter(({ transaction }) => transaction === first.x402Payment!.transactionHash),
      ).toHaveLength(1);
      expect(transfersOf(payer)).toHaveLength(1);
    });

    it('are refused with 402 when they are larger than what was paid for, and nobody pays', async () => {
      const payer = new TestPayer();
      const { accepts } = await quoteFor(randomBytes(5000));
      const answer = await post(randomBytes(5_000_000), paying(await payer.pay(accepts[0]!)));
      expect(answer.status).toBe(402);
      const required = (await answer.json()) as Required;
      expect(required.error).toContain('these bytes cost');
      expect(BigInt(required.accepts[0]!.maxAmountRequired)).toBeGreaterThan(BigInt(accepts[0]!.maxAmountRequired));
      expect(transfersOf(payer)).toEqual([]);
    });

    const changedAsks: [string, (good: X402Payment) => unknown, number, string, number][] = [
      ['is of a network that is off', (good) => ({ ...good, network: 'base-sepolia' }), 400, 'on this network', 0],
      ['is signed by somebody else', (good) => tampered(good, { from: new TestPayer().address }), 402, 'signature', 1],
      ['was signed for less', (good) => tampered(good, { value: '900000' }), 402, 'signature', 1],
      ['has a signature that is no hexadecimal', (good) => signedAs(good, '0xzz'), 400, 'no payment', 0],
      ['has a signature that is too long', (good) => signedAs(good, `0x${'ab'.repeat(4097)}`), 400, 'no payment', 0],
      ['is no object', () => 'payment', 400, 'no payment', 0],
      ['is of another version', (good) => ({ ...good, x402Version: 2 }), 400, 'no payment', 0],
    ];
    it.each(changedAsks)('are refused when the payment %s', async (_, change, status, error, verified) => {
      const [payer, data] = [new TestPayer(), randomBytes(5000)];
      const { accepts } = await quoteFor(data);
      const before = { ...facilitator.calls };
      const answer = await post(data, paying(change(await payer.pay(accepts[0]!))));
      expect([answer.status, await answer.text()]).toEqual([status, expect.stringContaining(error)]);
      expect(facilitator.calls).toEqual({ verify: before.verify + verified, settle: before.settle });
    });

    it.each([
      ['is to somebody else', { to: '0x2222222222222222222222222222222222222222' }, 'It is not to'],
      ['has run out', { validBefore: '1700000000' }, 'not valid any more'],
      ['is not valid yet', { validAfter: '99999999999' }, 'not valid yet'],
    ])('are refused with 402 when the payment %s, and the facilitator is not asked', async (_, changed, error) => {
      const [payer, data] = [new TestPayer(), randomBytes(5000)];
      const { accepts } = await quoteFor(data);
      const before = { ...facilitator.calls };
      const answer = await post(data, paying(await payer.pay(accepts[0]!, changed)));
      expect([answer.status, ((await answer.json()) as Required).error]).toEqual([402, expect.stringContaining(error)]);
      expect(facilitator.calls).toEqual(before);
    });

    it('are refused when the payer has no money, or spends it before it is moved, and nothing is kept', async () => {
      const [payer, data] = [new TestPayer(), randomBytes(5000)];
      facilitator.balances.set(payer.address.toLowerCase(), 0n);
      expect(((await (await payFor(data, payer)).json()) as Required).error).toContain('insufficient_funds');
      facilitator.balances.delete(payer.address.toLowerCase());
      facilitator.onStep = async (step) => {
        if (step === 'settle') facilitator.balances.set(payer.address.toLowerCase(), 0n);
      };
      const answer = await payFor(data, payer);
      expect([answer.status, ((await answer.json()) as Required).error]).toEqual([
        402,
        expect.stringContaining('insufficient_funds'),
      ]);
      expect(await creditedTo(payer)).toBe(0n);
      const { rows } = await ledger.database.writer.raw<{ rows: { state: string; id: string }[] }>(
        'select state, data_item_id as id from x402_payments where payer = ?',
        [payer.address],
      );
      expect(rows.map(({ state }) => state)).toEqual(['refused']);
      expect(await isKnown(rows[0]!.id)).toBe(false);
      // The same data, by somebody who has the money.
      expect((await payFor(data)).status).toBe(200);
    });

    it('cannot be paid for with what has paid for something else', async () => {
      const [payer, data] = [new TestPayer(), randomBytes(5000)];
      const payment = await payer.pay((await quoteFor(data)).accepts[0]!);
      expect((await post(data, paying(payment))).status).toBe(200);
      const answer = await post(randomBytes(4000), paying(payment));
      expect([answer.status, ((await answer.json()) as Required).error]).toEqual([
        402,
        expect.stringContaining('used before'),
      ]);
      expect(transfersOf(payer)).toHaveLength(1);
    });

    it('are answered with 503 while the facilitator is away, and free ones are taken', async () => {
      const [payer, data] = [new TestPayer(), randomBytes(5000)];
      facilitator.away = true;
      const refused = await payFor(data, payer);
      expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '2']);
      expect((await post(randomBytes(100))).status).toBe(200);
      facilitator.away = false;
      expect((await payFor(data, payer)).status).toBe(200);
    });
  });

  describe('signed', () => {
    const octets = { 'content-type': 'application/octet-stream' };

    it('are credited to their signer and charged there', async () => {
      const payer = new TestPayer();
      const signer = ethereumSigner(Buffer.from(payer.privateKey.slice(2), 'hex'));
      const item = await createDataItem({ signer, data: randomBytes(5000) });
      for (const path of ['/v1/x402/upload/signed', '/v1/x402/data-item/signed'])
        expect((await quoteFor(item, path)).accepts).toHaveLength(1);
      const { accepts } = await quoteFor(item, '/v1/x402/upload/signed');
      const payment = await payer.pay(accepts[0]!);
      const answer = await post(item, { ...octets, ...paying(payment) }, '/v1/x402/upload/signed');
      expect(answer.status).toBe(200);
      const receipt = (await answer.json()) as PaidReceipt;
      expect(receipt.x402Payment).toMatchObject({ payer: payer.address });
      expect(await available(payer)).toBe((await creditedTo(payer)) - BigInt(receipt.winc));
    });

    it('are refused, and nobody pays, when their signature is bad or their length is not said', async () => {
      const payer = new TestPayer();
      const item = await createDataItem({ signer: ethereumSigner(randomBytes(32)), data: randomBytes(5000) });
      const { accepts } = await quoteFor(item, '/v1/x402/upload/signed');
      const headers = { ...octets, ...paying(await payer.pay(accepts[0]!)) };
      const unsaid = await fetch(`${url}/v1/x402/upload/signed`, {
        method: 'POST',
        headers,
        body: new Blob([new Uint8Array(item)]).stream(),
        duplex: 'half',
      } as RequestInit);
      expect([unsaid.status, await unsaid.text()]).toEqual([400, expect.stringContaining('Content-Length')]);
      item[item.length - 1]! ^= 1;
      expect((await post(item, headers, '/v1/x402/upload/signed')).status).toBe(400);
      expect(transfersOf(payer)).toEqual([]);
    });

    it("in parts are paid for when they begin, once, and what was paid is the signer's", async () => {
      const [payer, signer] = [new TestPayer(), new TestPayer()];
      const create = `${url}/v1/chunks/base-usdc/-1/-1?chunkSize=5242880&totalBytes=5000000&address=${signer.address}&signatureType=3`;
      const asked = await fetch(create);
      expect(asked.status).toBe(402);
      const { accepts } = (await asked.json()) as Required;
      const headers = paying(await payer.pay(accepts[0]!));
      for (let times = 0; times < 2; times += 1) {
        const created = await fetch(create, { headers });
        expect(created.status).toBe(200);
        expect(await created.json()).toMatchObject({ chunkSize: 5_242_880 });
      }
      expect(transfersOf(payer)).toHaveLength(1);
      expect(await available(signer)).toBe(await creditedTo(payer));
      // What is not created is not paid for.
      const other = new TestPayer();
      const refused = await fetch(create.replace('5242880', '1'), { headers: paying(await other.pay(accepts[0]!)) });
      expect([refused.status, transfersOf(other)]).toEqual([400, []]);
    });
  });

  describe('when a process is killed on the way', () => {
    type Step = 'verify' | 'settle' | 'settled' | 'paid';
    const kills: [victim: 'upload' | 'payment', step: Step, lost: boolean][] = [
      ['payment', 'verify', true],
      ['payment', 'settle', true],
      ['payment', 'settle', false],
      ['upload', 'settle', false],
      ['payment', 'settled', true],
      ['payment', 'paid', true],
      ['upload', 'paid', true],
    ];

    it.each(kills)(
      'the %s, at "%s" (request lost: %s): the data is taken in the end, paid for once, and all is in the ledger',
      async (role, step, lost) => {
        const [payer, data] = [new TestPayer(), randomBytes(5000)];
        let back: Promise<void> | undefined;
        const kill = async (): Promise<void> => {
          if (back) return;
          back = platform.of(role)[0]!.crash();
          await until(() => !platform.of(role)[0]!.alive);
          if (lost) throw new Error('lost');
        };
        facilitator.onStep = async (reached) => (reached === step ? kill() : undefined);
        proxy.onAnswer = async (path) => (step === 'paid' && path === '/v1/x402/pay' ? kill() : undefined);

        const receipt = await sendUntilReceipt(data, payer);
        await back;
        await until(async () => (await ledger.reservations(receipt.id))[0]?.[0] === 'captured', PATIENCE_MS);
        await nothingUnsettled();
        expect(transfersOf(payer)).toHaveLength(1);
        expect((await ledger.reservations(receipt.id)).map(([state]) => state)).toEqual(['captured']);
        expect(await available(payer)).toBe((await creditedTo(payer)) - BigInt(receipt.winc));
        expect(await ledger.balance('held', payer.address)).toBe(0n);
      },
      TEST_MS,
    );

    it(
      'and the client never comes back: what was paid is credited, and nothing stays reserved',
      async () => {
        const [payer, data] = [new TestPayer(), randomBytes(5000)];
        let back: Promise<void> | undefined;
        facilitator.onStep = async (step) => {
          if (step !== 'settled' || back) return;
          back = platform.of('payment')[0]!.crash();
          await until(() => !platform.of('payment')[0]!.alive);
        };
        await until(async () => {
          await payFor(data, payer).catch(() => undefined);
          return back !== undefined;
        }, PATIENCE_MS);
        await back;
        await forgetHolds();
        await until(async () => (await creditedTo(payer)) > 0n, PATIENCE_MS);
        expect(transfersOf(payer)).toHaveLength(1);
        expect(await available(payer)).toBe(await creditedTo(payer));
        expect(await ledger.balance('held', payer.address)).toBe(0n);
        // They come back with another payment after all, and need not pay again.
        const receipt = await sendUntilReceipt(data, payer);
        expect(await available(payer)).toBe((await creditedTo(payer)) - BigInt(receipt.winc));
        expect(transfersOf(payer)).toHaveLength(1);
      },
      TEST_MS,
    );

    /** As if whoever held a payment had been gone for long. */
    const forgetHolds = () => ledger.database.writer.raw('update x402_payments set held_until = now()');

    async function nothingUnsettled(): Promise<void> {
      await forgetHolds();
      await until(async () => {
        const { rowCount } = await ledger.database.writer.raw(`select from x402_payments where state = 'settling'`);
        return rowCount === 0;
      }, PATIENCE_MS);
    }

    /** A client that signs another payment for each try. */
    async function sendUntilReceipt(data: Uint8Array, from: TestPayer): Promise<Receipt> {
      let receipt: Receipt | undefined;
      await until(async () => {
        await forgetHolds();
        receipt = await tryOnce(data, from).catch(() => undefined);
        // Somebody who tries again, and not a flood.
        if (!receipt) await wait(AGAIN_MS);
        return receipt !== undefined;
      }, PATIENCE_MS);
      return receipt!;
    }

    async function tryOnce(data: Uint8Array, from: TestPayer): Promise<Receipt | undefined> {
      const asked = await post(data);
      const required = asked.status === 402 ? ((await asked.json()) as Required) : undefined;
      if (!required) return undefined;
      const answer = await post(data, paying(await from.pay(required.accepts[0]!)));
      if (answer.status === 200) return (await answer.json()) as Receipt;
      const text = await answer.text();
      if (answer.status !== 503) throw new Error(`${answer.status} ${text}`);
      return undefined;
    }
  });

  describeUnless(source.missing, 'by the unmodified @ardrive/turbo-sdk 1.43.0', () => {
    let sdk: TurboSdk;
    beforeAll(() => {
      sdk = source.start();
    });
    afterAll(() => sdk?.stop());

    it(
      'are quoted, signed for, paid and taken',
      async () => {
        const payer = new TestPayer();
        const tags = [{ name: 'Content-Type', value: 'image/png' }];
        const data = randomBytes(5000);
        const receipt = (await sdk.do('uploadUnsigned', {
          url,
          data,
          tags,
          privateKey: payer.privateKey,
        })) as PaidReceipt;
        const [transfer] = transfersOf(payer);
        expect(receipt.x402Payment).toMatchObject({ transactionHash: transfer!.transaction, payer: payer.address });
        const client = platform.client();
        await client.waitFor(receipt.id, 'permanent', { intervalMs: 50, timeoutMs: PATIENCE_MS });
        const download = await client.download(receipt.id);
        expect(download.headers.get('content-type')).toBe('image/png');
        expect(Buffer.from(await download.arrayBuffer())).toEqual(data);
      },
      TEST_MS,
    );
  });
});

const tampered = (good: X402Payment, changed: object): X402Payment => ({
  ...good,
  payload: { ...good.payload, authorization: { ...good.payload.authorization, ...changed } },
});
const signedAs = (good: X402Payment, signature: string): X402Payment => ({
  ...good,
  payload: { ...good.payload, signature },
});
