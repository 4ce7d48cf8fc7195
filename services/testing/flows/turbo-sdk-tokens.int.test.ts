import { randomBytes } from 'node:crypto';
import { ethereumSigner, generateJwk, payerOf, solanaSigner } from '@bundler/ans104';
import { mainNetworks } from '@bundler/payment';
import { base58, bech32 } from '@scure/base';
import { type Anvil, findAnvil } from '../src/chains/anvil.ts';
import { token as tokenCode } from '../src/chains/contracts.ts';
import { KyveStandIn } from '../src/chains/kyve-stand-in.ts';
import { SolanaStandIn } from '../src/chains/solana-stand-in.ts';
import { addressOf, describeUnless, PaymentLedger, Platform, until } from '../src/index.ts';
import { RatesStandIn } from '../src/rates-stand-in.ts';
import { findTurboSdk } from '../src/turbo-sdk/install.ts';
import { EVM_TOKENS, type SdkWallet } from '../src/turbo-sdk/protocol.ts';
import type { TurboSdk } from '../src/turbo-sdk/turbo-sdk.ts';

const PATIENCE_MS = 60_000;
const TEST_MS = 120_000;
const CONFIRMATIONS = 4;
const ETHER = 10n ** 18n;

const source = await findTurboSdk(process.env, (line) => process.stderr.write(`${line}\n`));
const found = findAnvil();
const missing = source.missing ?? found.missing;

const ours = {
  evm: `0x${randomBytes(20).toString('hex')}`,
  solana: base58.encode(randomBytes(32)),
  kyve: bech32.encode('kyve', bech32.toWords(randomBytes(20))),
};
const hexKey = (): string => randomBytes(32).toString('hex');
const newEvmWallet = (token: (typeof EVM_TOKENS)[number], node?: string): SdkWallet => ({
  token,
  privateKey: `0x${hexKey()}`,
  ...(node !== undefined && { node }),
});
const newKyveWallet = (): SdkWallet => ({ token: 'kyve', privateKey: hexKey() });
/** As wallets of Solana keep it: the seed, then the public key. */
function newSolanaWallet(): SdkWallet {
  const seed = randomBytes(32);
  return { token: 'solana', privateKey: base58.encode(Buffer.concat([seed, solanaSigner(seed).owner])) };
}

describeUnless(missing, 'the unmodified @ardrive/turbo-sdk 1.43.0 that pays in tokens of other chains', () => {
  const solana = new SolanaStandIn();
  const kyve = new KyveStandIn();
  const rates = new RatesStandIn();
  let sdk: TurboSdk;
  let anvil: Anvil;
  let platform: Platform;
  let ledger: PaymentLedger;

  beforeAll(async () => {
    sdk = source.start();
    anvil = await found.start(1);
    await anvil.setCode(mainNetworks.evm.ethereum.usdc.contract!, tokenCode);
    for (const [token, usd] of [
      ['ethereum', 2000],
      ['usd-coin', 1],
      ['solana', 100],
      ['kyve-network', 0.02],
    ] as const) {
      rates.rates.set(token, usd);
    }
    platform = await Platform.start({
      payment: true,
      env: {
        FREE_UPLOAD_LIMIT: '1000',
        PENDING_TX_INTERVAL_MS: '200',
        COINGECKO_API_URL: await rates.start(),
        PAYMENT_NETWORKS: 'ethereum,solana,kyve',
        PAYMENT_EVM_ADDRESS: ours.evm,
        PAYMENT_SOLANA_ADDRESS: ours.solana,
        PAYMENT_KYVE_ADDRESS: ours.kyve,
        EVM_MIN_CONFIRMATIONS: String(CONFIRMATIONS),
        ETHEREUM_RPC_URL: anvil.url,
        SOLANA_RPC_URL: await solana.start(),
        KYVE_API_URL: await kyve.start(),
      },
    });
    ledger = await PaymentLedger.open(platform.paymentDatabase.url);
  }, 90_000);
  afterAll(async () => {
    await ledger?.close();
    await platform?.stop();
    await Promise.all([rates.stop(), solana.stop(), kyve.stop(), anvil?.stop(), sdk?.stop()]);
  });
  afterEach(() => ledger.requireBalanced());

  const urls = () => ({ url: platform.of('upload')[0]!.url, paymentUrl: platform.of('payment')[0]!.url });
  const call = <Answer = Record<string, unknown>>(method: string, args: unknown[] = [], wallet?: SdkWallet) =>
    sdk.do('call', { ...urls(), ...(wallet && { wallet }), method, args }) as Promise<Answer>;
  const addressFor = (wallet: SdkWallet): Promise<string> => sdk.do('nativeAddress', { wallet });
  const upload = (wallet: SdkWallet) => sdk.do('upload', { url: urls().url, wallet, data: randomBytes(50_000) });
  const submit = (txId: string, wallet: SdkWallet) => call('submitFundTransaction', [{ txId }], wallet);
  const refusal = (promise: Promise<unknown>) =>
    promise.then(
      () => undefined,
      ({ message, status }: { message: string; status?: number }) => ({ message, status }),
    );

  /** Pays for an upload with what has been credited, and sees that exactly its price is gone. */
  const spends = async (wallet: SdkWallet, credited: bigint): Promise<void> => {
    expect(await call('getBalance', [], wallet)).toMatchObject({ winc: String(credited) });
    const { receipt } = await upload(wallet);
    expect(BigInt(receipt.winc)).toBeGreaterThan(0n);
    expect(await call('getBalance', [], wallet)).toMatchObject({ winc: String(credited - BigInt(receipt.winc)) });
  };

  it(
    'has the address for each token that its uploads are billed to',
    async () => {
      const secret = randomBytes(32);
      const [evm, solanaKey] = [ethereumSigner(secret), solanaSigner(secret)];
      const [hex, pair] = [secret.toString('hex'), Buffer.concat([secret, solanaKey.owner])];
      const wallets: [SdkWallet, Parameters<typeof payerOf>[0]][] = [
        ...EVM_TOKENS.map((token): [SdkWallet, typeof evm] => [{ token, privateKey: `0x${hex}` }, evm]),
        [{ token: 'kyve', privateKey: hex }, evm],
        [{ token: 'solana', privateKey: base58.encode(pair) }, solanaKey],
      ];
      for (const [wallet, signer] of wallets) {
        expect(await addressFor(wallet)).toBe(payerOf(signer, wallet.token).nativeAddress);
      }
      const privateKey = await generateJwk();
      expect(await addressFor({ token: 'arweave', privateKey })).toBe(addressOf(privateKey));
    },
    TEST_MS,
  );

  it(
    'is told the wallets of the tokens that are taken, and what each is worth',
    async () => {
      const checksummed = expect.stringMatching(new RegExp(`^${ours.evm}$`, 'i'));
      expect(await call('getTurboCryptoWallets')).toEqual({
        ethereum: checksummed,
        usdc: checksummed,
        solana: ours.solana,
        kyve: ours.kyve,
      });
      const worth = async (wallet: SdkWallet, tokenAmount: string): Promise<unknown> =>
        (await call('getWincForToken', [{ tokenAmount }], wallet)).winc;
      // One AR costs ten dollars here.
      expect(await worth(newEvmWallet('ethereum'), String(ETHER))).toBe(String(200n * 10n ** 12n));
      expect(await worth(newEvmWallet('usdc'), '5000000')).toBe(String(5n * 10n ** 11n));
      expect(await worth(newSolanaWallet(), '1')).toBe('10000');
      expect(await worth(newKyveWallet(), '1000000')).toBe(String(2n * 10n ** 9n));
      const price = await fetch(`${urls().paymentUrl}/v1/price/ethereum/123456789012345678901234567`);
      expect(await price.text()).toContain('"actualPaymentAmount":123456789012345678901234567,');
    },
    TEST_MS,
  );

  it(
    'pays in ETH, is credited after its confirmations, uploads, and pays what the receipt says',
    async () => {
      const wallet = newEvmWallet('ethereum', anvil.url);
      expect(await refusal(upload(wallet))).toMatchObject({ status: 402 });
      const address = await addressFor(wallet);
      await anvil.call('anvil_setBalance', [address, `0x${ETHER.toString(16)}`]);
      const [wei, winc] = [10n ** 16n + 7n, 2n * 10n ** 12n];
      const paid = await call<{ id: string }>('topUpWithTokens', [{ tokenAmount: String(wei) }], wallet);
      expect(paid).toMatchObject({ status: 'pending', token: 'ethereum', target: expect.stringMatching(/^0x/) });
      await anvil.mine(CONFIRMATIONS - 1);
      expect(await submit(paid.id, wallet)).toMatchObject({ status: 'pending', winc: String(winc) });
      expect(await ledger.balance('available', address)).toBe(0n);
      await anvil.mine(1);
      // The service looks again by itself.
      await until(async () => (await ledger.balance('available', address)) === winc, PATIENCE_MS);
      const spelt = `0x${paid.id.slice(2).toUpperCase()}`;
      const answers = await Promise.all([paid.id, spelt, spelt].map((id) => submit(id, wallet)));
      for (const answer of answers) expect(answer).toMatchObject({ status: 'confirmed', quantity: String(wei) });
      expect((await call('getPaymentHistory', [], wallet)).payments).toMatchObject([
        { tokenType: 'ethereum', tokenQuantity: String(wei), wincCredited: String(winc), senderAddress: address },
      ]);
      await spends(wallet, winc);
    },
    TEST_MS,
  );

  it(
    'pays in USDC for somebody else',
    async () => {
      const wallet = newEvmWallet('usdc', anvil.url);
      const other = newSolanaWallet();
      await anvil.call('anvil_setBalance', [await addressFor(wallet), `0x${ETHER.toString(16)}`]);
      const turboCreditDestinationAddress = await addressFor(other);
      const paid = await call<{ id: string }>(
        'topUpWithTokens',
        [{ tokenAmount: '5000000', turboCreditDestinationAddress }],
        wallet,
      );
      await anvil.mine(CONFIRMATIONS);
      expect(await submit(paid.id, wallet)).toMatchObject({ status: 'confirmed', winc: String(5n * 10n ** 11n) });
      expect(await call('getBalance', [], wallet)).toMatchObject({ winc: '0' });
      await spends(other, 5n * 10n ** 11n);
    },
    TEST_MS,
  );

  it(
    'pays in SOL and in KYVE',
    async () => {
      const [sol, kyv] = [newSolanaWallet(), newKyveWallet()];
      const [from, sender] = await Promise.all([addressFor(sol), addressFor(kyv)]);
      const signature = solana.send([{ from, to: ours.solana, lamports: 100_000_000 }]);
      const hash = kyve.send([{ from: sender, to: ours.kyve, amount: '1000000000' }]);
      expect(await submit(signature, sol)).toMatchObject({ status: 'pending' });
      expect(await refusal(submit(hash, kyv))).toMatchObject({ status: 404 });
      solana.finalize();
      kyve.mine();
      expect(await submit(signature, sol)).toMatchObject({ status: 'confirmed', winc: String(10n ** 12n) });
      const spellings = [hash, hash.toLowerCase()].map((id) => submit(id, kyv));
      for (const answer of await Promise.all(spellings)) expect(answer).toMatchObject({ status: 'confirmed' });
      await spends(sol, 10n ** 12n);
      await spends(kyv, 2n * 10n ** 12n);
    },
    TEST_MS,
  );

  it(
    'is told why nothing is credited',
    async () => {
      const [sol, kyv] = [newSolanaWallet(), newKyveWallet()];
      const [from, sender] = await Promise.all([addressFor(sol), addressFor(kyv)]);
      const failed = solana.send([{ from, to: ours.solana, lamports: 5 }], { failing: true });
      const elsewhere = kyve.send([{ from: sender, to: sender, amount: '1000000' }]);
      const little = kyve.send([{ from: sender, to: ours.kyve, amount: '0' }]);
      solana.finalize();
      kyve.mine();
      const told = async (id: string, wallet: SdkWallet) => {
        const path = `${urls().paymentUrl}/v1/account/balance/${wallet.token}`;
        const answer = await fetch(path, { method: 'POST', body: JSON.stringify({ tx_id: id }) });
        return [answer.status, await answer.text()];
      };
      expect(await told(failed, sol)).toEqual([400, expect.stringContaining('failed on its chain')]);
      expect(await told(elsewhere, kyv)).toEqual([400, expect.stringContaining('not sent to the wallet')]);
      expect(await told(little, kyv)).toEqual([400, expect.stringContaining('worth less')]);
      expect(await told(elsewhere, newEvmWallet('base-eth'))).toEqual([400, expect.stringContaining('base-eth')]);
      expect(await told('0xabc', newEvmWallet('ethereum'))).toEqual([400, expect.stringContaining('tx_id')]);
      expect(await told(`0x${'0'.repeat(64)}`, newEvmWallet('ethereum'))).toEqual([404, 'Transaction not found']);
    },
    TEST_MS,
  );

  it(
    'is told to try again while a node is away; and a service whose node tells of another chain does not start',
    async () => {
      const other = { PAYMENT_NETWORKS: 'base', BASE_RPC_URL: anvil.url };
      await expect(platform.startProcess('payment', other)).rejects.toThrow('ended before it was ready');
      expect(platform.logLines.join('\n')).toMatch(/tells of the chain with the id 1, but base has the id 8453/);
      await anvil.stop();
      const path = `${urls().paymentUrl}/v1/account/balance/ethereum`;
      const tx = JSON.stringify({ tx_id: `0x${'0'.repeat(64)}` });
      expect((await fetch(path, { method: 'POST', body: tx })).status).toBe(503);
      // The service itself starts without it, and the other tokens are taken.
      await platform.of('payment')[0]!.crash();
      expect(Object.keys(await call<object>('getTurboCryptoWallets'))).toContain('ethereum');
      expect((await fetch(path, { method: 'POST', body: tx })).status).toBe(503);
    },
    TEST_MS,
  );
});
