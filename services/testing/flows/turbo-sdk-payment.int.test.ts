import { randomBytes } from 'node:crypto';
import { ed25519Signer, ethereumSigner, generateJwk } from '@bundler/ans104';
import { base58 } from '@scure/base';
import { sendWinston } from '../src/arweave-transfer.ts';
import { StripeStandIn } from '../src/cards/stripe-stand-in.ts';
import { addressOf, describeUnless, PaymentLedger, Platform, until } from '../src/index.ts';
import { RatesStandIn } from '../src/rates-stand-in.ts';
import { findTurboSdk } from '../src/turbo-sdk/install.ts';
import type { SdkWallet } from '../src/turbo-sdk/protocol.ts';
import type { TurboSdk } from '../src/turbo-sdk/turbo-sdk.ts';

const GiB = 1024 ** 3;
const PATIENCE_MS = 60_000;
const TEST_MS = 120_000;
/** So many that a transaction is seen while it waits. */
const CONFIRMATIONS = 10;

const source = await findTurboSdk(process.env, (line) => process.stderr.write(`${line}\n`));

/** As wallets of Solana keep it: the seed, then the public key. */
function solanaKeyPair(): Buffer {
  const seed = randomBytes(32);
  return Buffer.concat([seed, ed25519Signer(seed).owner]);
}

describeUnless(source.missing, 'the unmodified @ardrive/turbo-sdk 1.43.0 and the payment service', () => {
  let sdk: TurboSdk;
  let rates: RatesStandIn;
  let stripe: StripeStandIn;
  let platform: Platform;
  let ledger: PaymentLedger;
  let ours: string;

  beforeAll(async () => {
    sdk = source.start();
    rates = new RatesStandIn();
    stripe = new StripeStandIn();
    ours = addressOf(await generateJwk());
    platform = await Platform.start({
      payment: true,
      env: {
        FREE_UPLOAD_LIMIT: '1000',
        PAYMENT_ARWEAVE_ADDRESS: ours,
        ARWEAVE_MIN_CONFIRMATIONS: String(CONFIRMATIONS),
        PENDING_TX_INTERVAL_MS: '200',
        COINGECKO_API_URL: await rates.start(),
        STRIPE_SECRET_KEY: stripe.secretKey,
        STRIPE_WEBHOOK_SECRET: stripe.webhookSecret,
        STRIPE_API_URL: await stripe.start(),
      },
    });
    ledger = await PaymentLedger.open(platform.paymentDatabase.url);
  }, 90_000);
  afterAll(async () => {
    await ledger?.close();
    await platform?.stop();
    await rates?.stop();
    await stripe?.stop();
    await sdk?.stop();
  });
  afterEach(() => ledger.requireBalanced());

  const urls = () => ({ url: platform.of('upload')[0]!.url, paymentUrl: platform.of('payment')[0]!.url });
  const call = <Answer = Record<string, unknown>>(method: string, args: unknown[] = [], wallet?: SdkWallet) =>
    sdk.do('call', { ...urls(), ...(wallet && { wallet }), method, args }) as Promise<Answer>;
  const newArweaveWallet = async (): Promise<SdkWallet & { address: string }> => {
    const privateKey = await generateJwk();
    return { token: 'arweave', privateKey, address: addressOf(privateKey) };
  };
  const newEthereumWallet = (): SdkWallet => ({
    token: 'ethereum',
    privateKey: `0x${randomBytes(32).toString('hex')}`,
  });

  it(
    'is told prices, rates, currencies, countries and wallets',
    async () => {
      const [costs] = await call<{ winc: string }[]>('getUploadCosts', [{ bytes: [GiB] }]);
      const network = await (await fetch(`${platform.gateway.url}/price/${10 * GiB}`)).text();
      expect(costs!).toEqual({ winc: String((BigInt(network) + 9n) / 10n), adjustments: [], fees: [] });
      const { winc, fiat } = await call<{ winc: string; fiat: { usd: number } }>('getFiatRates');
      expect(winc).toBe(costs!.winc);
      expect(fiat.usd).toBeCloseTo((Number(winc) / 1e12) * 10, 9);
      expect(await call('getFiatToAR', [{ currency: 'USD' }])).toEqual({ currency: 'usd', rate: 10 });
      expect((await call<string[]>('getSupportedCountries')).slice(0, 2)).toEqual(['United States', 'United Kingdom']);
      const { limits, supportedCurrencies } = await call<{ limits: { jpy: unknown }; supportedCurrencies: string[] }>(
        'getSupportedCurrencies',
      );
      expect(supportedCurrencies).toContain('jpy');
      expect(limits.jpy).toEqual({
        minimumPaymentAmount: 750,
        maximumPaymentAmount: 1_500_000,
        suggestedPaymentAmounts: [3500, 6500, 15_000],
        zeroDecimalCurrency: true,
      });
      const token = await call('getWincForToken', [{ tokenAmount: '1000000000000' }]);
      expect(token).toMatchObject({ winc: '1000000000000', actualTokenAmount: '1000000000000' });
      // Ten dollars are one AR here.
      const wallet = await newArweaveWallet();
      const price = { amount: { amount: 1000, type: 'usd' } };
      expect(await call('getWincForFiat', [price], wallet)).toMatchObject({
        winc: '1000000000000',
        quotedPaymentAmount: 1000,
      });
      await expect(call('getWincForFiat', [{ ...price, promoCodes: ['NONE'] }], wallet)).rejects.toMatchObject({
        status: 400,
        message: expect.stringContaining("No promo code found with code 'NONE'"),
      });
      expect(await call('getTurboCryptoWallets')).toMatchObject({ arweave: ours });
      expect(await call('getFreeStatus', [wallet.address])).toEqual({ bytesRemaining: null });
    },
    TEST_MS,
  );

  it(
    'finds nothing for a wallet that nobody knows, and no transaction that nobody sent',
    async () => {
      const wallet = await newArweaveWallet();
      expect(await call('getBalance', [], wallet)).toMatchObject({ winc: '0', effectiveBalance: '0' });
      const txId = randomBytes(32).toString('base64url');
      await expect(call('submitFundTransaction', [{ txId }], wallet)).rejects.toMatchObject({
        status: 404,
        message: expect.stringContaining('Transaction not found'),
      });
      expect(await call('getPaymentHistory', [], wallet)).toEqual({ payments: [], hasMore: false, cursor: null });
    },
    TEST_MS,
  );

  it(
    'is refused above the free limit, pays in AR, uploads, and pays what the receipt says',
    async () => {
      const wallet = await newArweaveWallet();
      const data = randomBytes(50_000);
      const { url } = urls();
      await expect(sdk.do('upload', { url, wallet, data })).rejects.toMatchObject({
        status: 402,
        message: expect.stringContaining('Insufficient balance'),
      });

      const funds = 5n * 10n ** 11n;
      platform.gateway.mint(wallet.address, 10n ** 13n);
      platform.gateway.mine();
      const txId = await sendWinston(platform.gateway.url, wallet.privateKey as never, { to: ours, winston: funds });
      const submitted = await call('submitFundTransaction', [{ txId }], wallet);
      expect(submitted).toMatchObject({ id: txId, status: 'pending', token: 'arweave' });
      expect(await call('getBalance', [], wallet)).toMatchObject({ winc: '0' });
      // The service looks again by itself.
      await until(async () => (await ledger.balance('available', wallet.address)) === funds, PATIENCE_MS);
      const credited = await call('submitFundTransaction', [{ txId }], wallet);
      expect(credited).toMatchObject({ id: txId, status: 'confirmed', winc: String(funds), quantity: String(funds) });
      expect(await call('getBalance', [], wallet)).toMatchObject({
        winc: String(funds),
        controlledWinc: String(funds),
      });
      expect((await call('getPaymentHistory', [{ limit: 1 }], wallet)).payments).toMatchObject([
        { type: 'crypto', transactionId: txId, wincCredited: String(funds), tokenType: 'arweave' },
      ]);

      const { receipt, retries } = await sdk.do('upload', { url, wallet, data });
      expect(retries).toBe(0);
      expect(BigInt(receipt.winc)).toBeGreaterThan(0n);
      expect(await call('getBalance', [], wallet)).toMatchObject({ winc: String(funds - BigInt(receipt.winc)) });
    },
    TEST_MS,
  );

  it(
    'credits whom a transaction names, once, and nobody for what was sent to somebody else',
    async () => {
      const [sender, other] = [await newArweaveWallet(), newEthereumWallet()];
      const beneficiary = await sdk.do('nativeAddress', { wallet: other });
      platform.gateway.mint(sender.address, 10n ** 13n);
      platform.gateway.mine();
      const tags = { 'Turbo-Credit-Destination-Address': beneficiary.toLowerCase() };
      const send = (to: string, winston: bigint) =>
        sendWinston(platform.gateway.url, sender.privateKey as never, { to, winston, tags });
      const txId = await send(ours, 777n);
      await until(async () => {
        const answers = await Promise.all([1, 2, 3].map(() => call('submitFundTransaction', [{ txId }], sender)));
        return answers.every(({ status }) => status === 'confirmed');
      }, PATIENCE_MS);
      expect(await call('getBalance', [], other)).toMatchObject({ winc: '777' });
      expect(await ledger.balance('available', sender.address)).toBe(0n);

      const elsewhere = await send(addressOf(await generateJwk()), 1000n);
      const statusOf = async (): Promise<number | undefined> =>
        call('submitFundTransaction', [{ txId: elsewhere }], sender).then(
          () => undefined,
          ({ status }: { status: number }) => status,
        );
      await until(async () => (await statusOf()) === 400, PATIENCE_MS);
      expect((await call('getPaymentHistory', [], other)).payments).toMatchObject([{ transactionId: txId }]);
    },
    TEST_MS,
  );

  it(
    'asks for a payment by card, as an intent or as a page, and is credited when Stripe says that it was made',
    async () => {
      const wallet = await newArweaveWallet();
      const wish = { amount: { amount: 1000, type: 'usd' }, owner: wallet.address };
      const offered = { winc: '1000000000000', actualPaymentAmount: 1000, quotedPaymentAmount: 1000, adjustments: [] };
      const intent = await call<{ id: string }>('createPaymentIntent', [wish], wallet);
      expect(intent).toMatchObject({ ...offered, client_secret: expect.stringContaining('secret') });
      const page = { ...wish, successUrl: 'https://app.example/thanks', cancelUrl: 'https://app.example' };
      const session = await call<{ id: string }>('createCheckoutSession', [page], wallet);
      expect(session).toMatchObject({ ...offered, url: expect.stringContaining('https://') });
      const unknown = call('createCheckoutSession', [{ ...page, promoCodes: ['NONE'] }], wallet);
      await expect(unknown).rejects.toMatchObject({
        status: 400,
        message: expect.stringContaining("No promo code found with code 'NONE'"),
      });

      const webhook = `${urls().paymentUrl}/v1/stripe-webhook`;
      expect(await stripe.tell(webhook, stripe.paid(session.id))).toBe(200);
      await until(async () => (await ledger.balance('available', wallet.address)) === 10n ** 12n, PATIENCE_MS);
      expect((await call('getPaymentHistory', [], wallet)).payments).toMatchObject([
        {
          type: 'fiat',
          paymentProvider: 'stripe',
          paymentAmount: 1000,
          currencyType: 'usd',
          wincCredited: offered.winc,
        },
      ]);
    },
    TEST_MS,
  );

  it(
    'lets nobody read the history of another wallet, nor the same request be read twice',
    async () => {
      const signer = ethereumSigner(randomBytes(32));
      const nonce = randomBytes(16).toString('hex');
      const signature = await signer.sign(Buffer.from(nonce));
      const headers = {
        'x-public-key': signer.owner.toString('base64url'),
        'x-nonce': nonce,
        'x-signature': Buffer.from(signature).toString('base64url'),
        'x-signature-type': '3',
      };
      const ask = async (changed: Record<string, string> = {}): Promise<number> =>
        (await fetch(`${urls().paymentUrl}/v1/account/payments`, { headers: { ...headers, ...changed } })).status;
      expect(await ask({ 'x-nonce': randomBytes(16).toString('hex') })).toBe(403);
      expect(await ask({ 'x-signature-type': '1' })).toBe(403);
      expect([await ask(), await ask()]).toEqual([200, 403]);
      expect((await fetch(`${urls().paymentUrl}/v1/account/payments`)).status).toBe(403);
      const solana = base58.encode(solanaKeyPair());
      const nothing = { payments: [], hasMore: false, cursor: null };
      expect(await call('getPaymentHistory', [], { token: 'solana', privateKey: solana })).toEqual(nothing);
    },
    TEST_MS,
  );
});
