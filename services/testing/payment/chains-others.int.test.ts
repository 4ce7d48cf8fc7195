import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateJwk } from '@bundler/ans104';
import { startGateway } from '@bundler/gateway';
import { ArweaveChain, KyveChain, mainNetworks, SolanaChain, WrongChain } from '@bundler/payment';
import { type ChainUnderTest, chainConformance } from '@bundler/payment/chains/conformance';
import { base58, bech32 } from '@scure/base';
import { sendWinston } from '../src/arweave-transfer.ts';
import { BreakingProxy } from '../src/chains/breaking-proxy.ts';
import { KyveStandIn } from '../src/chains/kyve-stand-in.ts';
import { SolanaStandIn } from '../src/chains/solana-stand-in.ts';
import { addressOf } from '../src/index.ts';

const timeoutMs = 5000;
const memo = (beneficiary?: string): string | undefined =>
  beneficiary === undefined ? undefined : `turboCreditDestinationAddress=${beneficiary}`;

/** A proxy before a node, and what the suite needs to break it. */
async function breaking(target: string) {
  const proxy = new BreakingProxy(target);
  const url = await proxy.start();
  const answers: ChainUnderTest['answers'] = (how) => {
    proxy.how = how;
  };
  return { url, answers, stop: () => proxy.stop() };
}

describe('AR, on the development gateway', () => {
  chainConformance(async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'bundler-chain-'));
    const gateway = await startGateway({ dataDir, blockIntervalMs: 0 });
    const proxy = await breaking(gateway.url);
    const jwk = await generateJwk();
    const other = addressOf(await generateJwk());
    gateway.mint(addressOf(jwk), 10n ** 18n);
    gateway.mine();
    const wallet = addressOf(await generateJwk());
    return {
      chain: new ArweaveChain({ gateway: proxy.url, wallet, minConfirmations: 3, timeoutMs }),
      sender: addressOf(jwk),
      other,
      // The same bytes: the last two bits of the last letter mean nothing.
      otherSpelling: (id) => id.slice(0, -1) + next(id.at(-1)!),
      unknownId: () => randomBytes(32).toString('base64url'),
      tellsOfWaiting: true,
      pay: ({ beneficiary, quantity, to }) =>
        sendWinston(gateway.url, jwk, {
          to,
          winston: quantity,
          ...(beneficiary !== undefined && { tags: { 'Turbo-Credit-Destination-Address': beneficiary } }),
        }),
      fail: undefined,
      confirm: async (confirmations) => {
        for (let block = 0; block < confirmations; block += 1) gateway.mine();
      },
      answers: proxy.answers,
      close: async () => {
        await proxy.stop();
        await gateway.close();
        await rm(dataDir, { recursive: true });
      },
    };
  });
});

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const next = (letter: string): string => LETTERS[LETTERS.indexOf(letter) + 1]!;

const solanaAddress = (): string => base58.encode(randomBytes(32));
const kyveAddress = (): string => bech32.encode('kyve', bech32.toWords(randomBytes(20)));
const [sol, kyve] = [solanaAddress(), kyveAddress()];
const solanaAt = (url: string): SolanaChain =>
  new SolanaChain({ ...mainNetworks.solana, node: { url: new URL(url), timeoutMs }, wallet: sol });
const kyveAt = (url: string): KyveChain =>
  new KyveChain({ ...mainNetworks.kyve, node: { url: new URL(url), timeoutMs }, wallet: kyve });

describe('SOL, on recorded answers', () => {
  const cluster = new SolanaStandIn();
  let url: string;
  beforeAll(async () => {
    url = await cluster.start();
  });
  afterAll(() => cluster.stop());

  chainConformance(async () => {
    const proxy = await breaking(url);
    const [sender, other] = [solanaAddress(), solanaAddress()];
    return {
      chain: solanaAt(proxy.url),
      sender,
      other,
      otherSpelling: undefined,
      unknownId: () => base58.encode(randomBytes(64)),
      tellsOfWaiting: true,
      pay: async ({ beneficiary, quantity, to }) => {
        const text = memo(beneficiary);
        const transfer = { from: sender, to, lamports: Number(quantity) };
        return cluster.send([transfer], text === undefined ? {} : { memo: text });
      },
      fail: async () => cluster.send([{ from: sender, to: sol, lamports: 5 }], { failing: true }),
      confirm: async () => cluster.finalize(),
      answers: proxy.answers,
      close: proxy.stop,
    };
  });

  it('refuses a node of another cluster', async () => {
    cluster.genesis = 'EtWTRABZaYq6iMfeYKouRu166VU2xqa1wcaWoxPkrZBG';
    await expect(solanaAt(url).verify()).rejects.toThrow(WrongChain);
    cluster.genesis = mainNetworks.solana.genesis;
  });

  it('credits what one sender has brought the wallet, and not more than it has gained', async () => {
    const [one, two] = [solanaAddress(), solanaAddress()];
    const twice = cluster.send([
      { from: one, to: sol, lamports: 100 },
      { from: one, to: sol, lamports: 23 },
    ]);
    const back = cluster.send([{ from: one, to: sol, lamports: 1000 }], {
      takenBack: { from: sol, to: one, lamports: 900 },
    });
    const shared = cluster.send([
      { from: one, to: sol, lamports: 100 },
      { from: two, to: sol, lamports: 100 },
    ]);
    const sponsored = cluster.send([
      { from: two, to: solanaAddress(), lamports: 1 },
      { from: one, to: sol, lamports: 50 },
    ]);
    cluster.finalize();
    const chain = solanaAt(url);
    expect(await chain.find(twice)).toMatchObject({ sender: one, quantity: 123n });
    expect(await chain.find(back)).toMatchObject({ sender: one, quantity: 100n });
    expect(await chain.find(shared)).toMatchObject({ recipient: undefined });
    expect(await chain.find(sponsored)).toMatchObject({ recipient: sol, sender: one, quantity: 50n });
  });
});

describe('KYVE, on recorded answers', () => {
  const node = new KyveStandIn();
  let url: string;
  beforeAll(async () => {
    url = await node.start();
  });
  afterAll(() => node.stop());

  chainConformance(async () => {
    const proxy = await breaking(url);
    const [sender, other] = [kyveAddress(), kyveAddress()];
    return {
      chain: kyveAt(proxy.url),
      sender,
      other,
      otherSpelling: (id) => id.toLowerCase(),
      unknownId: () => randomBytes(32).toString('hex').toUpperCase(),
      tellsOfWaiting: false,
      pay: async ({ beneficiary, quantity, to }) => {
        const text = memo(beneficiary);
        const send = { from: sender, to, amount: String(quantity) };
        return node.send([send], text === undefined ? {} : { memo: text });
      },
      fail: async () => node.send([{ from: sender, to: kyve, amount: '5' }], { failing: true }),
      confirm: async () => node.mine(),
      answers: proxy.answers,
      close: proxy.stop,
    };
  });

  it('refuses a node of another chain', async () => {
    node.network = 'kaon-1';
    await expect(kyveAt(url).verify()).rejects.toThrow(WrongChain);
    node.network = mainNetworks.kyve.chainId;
  });

  it('credits plain transfers of one sender in the right coin, and nothing else', async () => {
    const [one, two] = [kyveAddress(), kyveAddress()];
    const send = (from: string, amount: string, more: { denom?: string; type?: string } = {}) => ({
      from,
      to: kyve,
      amount,
      ...more,
    });
    const twice = node.send([send(one, '100'), send(one, '23'), send(one, '5000', { denom: 'ibc/27394FB0' })]);
    const shared = node.send([send(one, '100'), send(two, '100')]);
    const other = node.send([send(one, '100', { type: '/cosmos.authz.v1beta1.MsgExec' })]);
    const foreign = node.send([send(one, '100', { denom: 'ibc/27394FB0' })]);
    node.mine();
    const chain = kyveAt(url);
    expect(await chain.find(twice)).toMatchObject({ recipient: kyve, sender: one, quantity: 123n });
    expect(await chain.find(shared)).toMatchObject({ recipient: undefined });
    expect(await chain.find(other)).toMatchObject({ recipient: undefined });
    expect(await chain.find(foreign)).toMatchObject({ quantity: 0n });
  });
});
