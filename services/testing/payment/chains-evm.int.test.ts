import { randomBytes } from 'node:crypto';
import { EvmChain, EvmNode, mainNetworks, WrongChain } from '@bundler/payment';
import { type ChainUnderTest, chainConformance } from '@bundler/payment/chains/conformance';
import { type Anvil, findAnvil } from '../src/chains/anvil.ts';
import { BreakingProxy } from '../src/chains/breaking-proxy.ts';
import { forwarder, refusing, token, transferCall, transferFromCall } from '../src/chains/contracts.ts';
import { StandInServer } from '../src/chains/stand-in-server.ts';
import { describeUnless } from '../src/index.ts';

const found = findAnvil();
const CONFIRMATIONS = 3;
/** Enough for a transaction that fails. */
const GAS = 100_000;
const { coin, usdc } = mainNetworks.evm.base;
const CONTRACT = usdc.contract!;
const address = (): string => `0x${randomBytes(20).toString('hex')}`;
const [wallet, broken, sending] = [address(), address(), address()];
const memo = (beneficiary?: string): string =>
  beneficiary === undefined ? '' : `turboCreditDestinationAddress=${beneficiary}`;

const nodeAt = (url: string, chainId = 8453): EvmNode =>
  new EvmNode('base', chainId, { url: new URL(url), timeoutMs: 5000 });
const chainAt = (kind: typeof coin, network: EvmNode): EvmChain =>
  new EvmChain(kind, { network, wallet, minConfirmations: CONFIRMATIONS });

describeUnless(found.missing, 'tokens on a chain of Ethereum’s kind', () => {
  let anvil: Anvil;
  beforeAll(async () => {
    anvil = await found.start(8453);
    await anvil.setCode(CONTRACT, token);
    await anvil.setCode(broken, refusing);
    await anvil.setCode(sending, forwarder(wallet));
  }, 60_000);
  afterAll(() => anvil?.stop());

  const under =
    (kind: typeof coin, pay: (to: string, amount: bigint, beneficiary?: string) => Promise<string>) =>
    async (): Promise<ChainUnderTest> => {
      const proxy = new BreakingProxy(anvil.url);
      const network = nodeAt(await proxy.start());
      const [sender, , other] = anvil.accounts.map(checksummed);
      return {
        chain: chainAt(kind, network),
        sender: sender!,
        other: other!,
        otherSpelling: (id) => `0x${id.slice(2).toUpperCase()}`,
        unknownId: () => `0x${randomBytes(32).toString('hex')}`,
        tellsOfWaiting: true,
        pay: ({ beneficiary, quantity, to }) => pay(to, quantity, beneficiary),
        fail: () => anvil.send({ from: anvil.accounts[0]!, to: broken, value: 5n, gas: GAS }),
        confirm: (confirmations) => anvil.mine(confirmations),
        answers: (how) => {
          proxy.how = how;
        },
        close: () => proxy.stop(),
      };
    };
  const payCoin = (to: string, value: bigint, beneficiary?: string): Promise<string> => {
    const data = Buffer.from(memo(beneficiary)).toString('hex');
    return anvil.send({ from: anvil.accounts[0]!, to, value, ...(data && { data: `0x${data}` }) });
  };
  const payToken = (to: string, amount: bigint, beneficiary?: string): Promise<string> =>
    anvil.send({ from: anvil.accounts[0]!, to: CONTRACT, data: transferCall(to, amount, memo(beneficiary)) });

  describe('its own coin', () => {
    chainConformance(under(coin, payCoin));
  });
  describe('USDC', () => {
    chainConformance(under(usdc, payToken));
  });

  it('refuses a node that tells of another chain, and says which, but nothing of the URL’s path', async () => {
    const error = await chainAt(coin, nodeAt(`${anvil.url}/?key=secret-key`, 1))
      .verify()
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(WrongChain);
    expect((error as Error).message).toMatch(/id 8453, but base has the id 1$/);
    expect((error as Error).message).not.toContain('secret-key');
  });

  it('credits nothing that a contract sends on, and no coins for tokens or tokens for coins', async () => {
    const [payer] = anvil.accounts as [string];
    const network = nodeAt(anvil.url);
    const forwarded = await anvil.send({ from: payer, to: sending, value: 100n });
    const coins = await payCoin(wallet, 200n);
    const tokens = await payToken(wallet, 300n);
    const withCoins = await anvil.send({ from: payer, to: CONTRACT, value: 400n, data: transferCall(wallet, 1n) });
    await anvil.mine(CONFIRMATIONS);
    expect(BigInt(await anvil.call('eth_getBalance', [wallet, 'latest']))).toBeGreaterThanOrEqual(300n);
    const inCoin = (id: string) => chainAt(coin, network).find(id);
    const inToken = (id: string) => chainAt(usdc, network).find(id);
    const ours = chainAt(coin, network).wallet;
    for (const id of [forwarded, tokens, withCoins]) expect(await inCoin(id)).not.toMatchObject({ recipient: ours });
    for (const id of [forwarded, coins]) expect(await inToken(id)).not.toMatchObject({ recipient: ours });
    expect(await inCoin(coins)).toMatchObject({ recipient: ours, quantity: 200n });
    expect(await inToken(tokens)).toMatchObject({ recipient: ours, quantity: 300n });
  });

  it('credits no tokens that somebody else moves, as facilitators of x402 do, nor those of another contract', async () => {
    const [payer, victim] = anvil.accounts as [string, string];
    const other = address();
    await anvil.setCode(other, token);
    const ids = [
      await anvil.send({ from: payer, to: CONTRACT, data: transferFromCall(victim, wallet, 500n) }),
      await anvil.send({ from: payer, to: other, data: transferCall(wallet, 600n) }),
      // `transferAndCall`, with the same arguments and the same event.
      await anvil.send({ from: payer, to: CONTRACT, data: transferCall(wallet, 650n).replace('a9059cbb', '4000aea0') }),
      // Too short to name an amount.
      await anvil.send({ from: payer, to: CONTRACT, data: transferCall(wallet, 700n).slice(0, 74) }),
    ];
    await anvil.mine(CONFIRMATIONS);
    const chain = chainAt(usdc, nodeAt(anvil.url));
    for (const id of ids) expect(await chain.find(id)).not.toMatchObject({ recipient: chain.wallet });
  });

  it('does not believe a node that is behind and tells of a block that the chain has left', async () => {
    const before = await anvil.call<string>('evm_snapshot');
    const id = await payCoin(wallet, 800n);
    await anvil.mine(CONFIRMATIONS);
    const chain = chainAt(coin, nodeAt(anvil.url));
    expect(await chain.find(id)).toMatchObject({ confirmations: CONFIRMATIONS });
    const seen = new Map<string, unknown>();
    for (const method of ['eth_getTransactionByHash', 'eth_getTransactionReceipt']) {
      seen.set(method, await anvil.call(method, [id]));
    }
    await anvil.call('evm_revert', [before]);
    await anvil.call('evm_increaseTime', [1000]);
    await anvil.mine(CONFIRMATIONS);
    expect(await chain.find(id)).toBe('unknown');

    const behind = new StandInServer(async (_path, body) => {
      const { id: call, method, params } = JSON.parse(body) as { id: number; method: string; params: unknown[] };
      const result = seen.get(method) ?? (await anvil.call(method, params));
      return { json: { jsonrpc: '2.0', id: call, result } };
    });
    try {
      expect(await chainAt(coin, nodeAt(await behind.start())).find(id)).toBe('waiting');
    } finally {
      await behind.stop();
    }
  });
});

const checksummed = (account: string): string => new EvmChain(coin, { ...EMPTY, wallet: account }).wallet;
const EMPTY = { network: nodeAt('http://127.0.0.1:1'), minConfirmations: 1 };
