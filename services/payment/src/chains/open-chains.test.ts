import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createLogger } from '@bundler/runtime';
import { WrongChain } from './chain.ts';
import { openChains, verifyChains } from './open-chains.ts';

const wallet = '0x7e5f4552091a69125d5dfcb7b8c2659029395bdf';
const nothing = {
  arweaveGateway: 'http://127.0.0.1:1',
  paymentArweaveWallet: '',
  paymentArweaveConfirmations: 18,
  paymentNetworks: [] as string[],
  paymentTestNetworks: false,
  paymentEvmWallet: wallet,
  paymentEvmConfirmations: 12,
  paymentSolanaWallet: '4Nd1mYQtLS2uj6mFsxNkR7m5eyZ1xSwNo7eu1AZSdH7v',
  paymentKyveWallet: `kyve1${'q'.repeat(38)}`,
  ethereumRpcUrl: '',
  baseRpcUrl: '',
  polygonRpcUrl: '',
  solanaRpcUrl: '',
  kyveApiUrl: '',
};
const url = 'http://127.0.0.1:1/key';

describe('the tokens that are taken', () => {
  it('are none while no wallet is named', () => {
    expect([...openChains(nothing).keys()]).toEqual([]);
  });

  it('are those of the networks that are on', () => {
    const paymentNetworks = ['ethereum', 'base', 'polygon', 'solana', 'kyve'];
    const urls = { ethereumRpcUrl: url, baseRpcUrl: url, polygonRpcUrl: url, solanaRpcUrl: url, kyveApiUrl: url };
    const chains = openChains({ ...nothing, ...urls, paymentNetworks, paymentArweaveWallet: 'a'.repeat(43) });
    const tokens = ['arweave', 'ethereum', 'usdc', 'base-eth', 'base-usdc', 'matic', 'polygon-usdc', 'solana', 'kyve'];
    expect([...chains.keys()].toSorted()).toEqual([...tokens, 'pol'].toSorted());
    expect(chains.get('ethereum')!.wallet).toBe('0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf');
  });

  it('are credited once under both names of one of them', () => {
    const chains = openChains({ ...nothing, paymentNetworks: ['polygon'], polygonRpcUrl: url });
    expect(chains.get('pol')).toBe(chains.get('matic'));
  });

  it.each(['', 'secret', 'ftp://secret', 'https://user:secret@node.example'])(
    'need the URL of a node, and an error does not repeat it: %j',
    (baseRpcUrl) => {
      const open = () => openChains({ ...nothing, paymentNetworks: ['base'], baseRpcUrl });
      expect(open).toThrow(/^BASE_RPC_URL must be/);
      expect(open).not.toThrow(/secret/);
    },
  );
});

describe('the nodes', () => {
  const logged: unknown[] = [];
  const logger = { warn: (facts: unknown) => void logged.push(facts) } as unknown as ReturnType<typeof createLogger>;
  let node: Server;
  let chainId: string;
  let at: string;
  beforeAll(async () => {
    node = createServer((_request, response) =>
      response.end(JSON.stringify({ jsonrpc: '2.0', id: 1, result: chainId })),
    );
    await new Promise<void>((resolve) => node.listen(0, '127.0.0.1', resolve));
    at = `http://127.0.0.1:${(node.address() as AddressInfo).port}`;
  });
  afterAll(() => void node.close());
  const baseAt = (baseRpcUrl: string, paymentTestNetworks = false) =>
    openChains({ ...nothing, paymentNetworks: ['base'], baseRpcUrl, paymentTestNetworks });

  it('must tell of the chain that is meant', async () => {
    chainId = '0x2105';
    await verifyChains(baseAt(at).values(), logger);
    await expect(verifyChains(baseAt(at, true).values(), logger)).rejects.toThrow(WrongChain);
    chainId = '0x14a34';
    await verifyChains(baseAt(at, true).values(), logger);
    await expect(verifyChains(baseAt(at).values(), logger)).rejects.toThrow(/id 84532, but base has the id 8453/);
    expect(logged).toEqual([]);
  });

  it('may be away while the service starts, and are asked before anything is believed that they say', async () => {
    const chains = baseAt('http://127.0.0.1:1/key');
    await verifyChains(chains.values(), logger);
    expect(logged).toHaveLength(2);
    chainId = '0x1';
    await expect(
      baseAt(at)
        .get('base-eth')!
        .find(`0x${'0'.repeat(64)}`),
    ).rejects.toThrow(WrongChain);
  });
});
