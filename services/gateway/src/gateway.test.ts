import { randomBytes } from 'node:crypto';
import { TestNetwork } from './testing/test-network.ts';
import { ann, ben } from './testing/wallets.ts';

const network = new TestNetwork();

beforeAll(() => network.start());
afterAll(() => network.remove());

async function json(path: string): Promise<Record<string, unknown>> {
  return JSON.parse((await network.ask(path)).text) as Record<string, unknown>;
}

describe('an unmodified arweave-js client', () => {
  it('uploads chunk by chunk, follows confirmations and reads back the same bytes', async () => {
    const data = randomBytes(1_200_000);
    const tx = await network.upload(data, { tags: { 'Content-Type': 'image/png' } });
    expect(await network.client.transactions.getStatus(tx.id)).toEqual({ status: 202, confirmed: null });

    network.gateway.mine(3);
    const status = await network.client.transactions.getStatus(tx.id);
    expect(status.confirmed?.number_of_confirmations).toBe(3);
    const block = await network.client.blocks.get(status.confirmed?.block_indep_hash ?? '');
    expect(block.height).toBe(status.confirmed?.block_height);
    expect(block.txs).toEqual([tx.id]);

    expect(Buffer.from(await network.client.chunks.downloadChunkedData(tx.id)).equals(data)).toBe(true);
    const got = await network.client.transactions.getData(tx.id, { decode: true });
    expect(Buffer.from(got).equals(data)).toBe(true);
    const read = await network.client.transactions.get(tx.id);
    expect(await network.client.transactions.verify(read)).toBe(true);
  });

  it.each([1, 262_143, 262_144, 262_145, 2 * 262_144, 2 * 262_144 + 10])(
    'stores %i bytes, whatever the shape of the last chunk',
    async (size) => {
      const data = randomBytes(size);
      const tx = await network.upload(data);
      network.gateway.mine();
      expect(Buffer.from(await network.client.chunks.downloadChunkedData(tx.id)).equals(data)).toBe(true);
    },
  );

  it('transfers winston when the block is mined', async () => {
    const before = network.gateway.balance(ann.address);
    const tx = await network.client.createTransaction({ target: ben.address, quantity: '5' }, ann.jwk);
    await network.client.transactions.sign(tx, ann.jwk);
    expect((await network.client.transactions.post(tx)).status).toBe(200);
    expect(network.gateway.balance(ann.address)).toBe(before - 5n - BigInt(tx.reward));
    expect(network.gateway.balance(ben.address)).toBe(0n);
    network.gateway.mine();
    expect(await network.client.wallets.getBalance(ben.address)).toBe('5');
    expect(await network.client.wallets.getLastTransactionID(ann.address)).toBe(tx.id);
  });

  it('takes the last transaction of a wallet as an anchor', async () => {
    const anchor = await network.client.wallets.getLastTransactionID(ann.address);
    const tx = await network.upload(Buffer.from('anchored to a transaction'), { last_tx: anchor });
    network.gateway.mine();
    expect((await network.client.transactions.getStatus(tx.id)).status).toBe(200);
  });
});

describe('node endpoints', () => {
  it('describe the network', async () => {
    const info = await json('/info');
    expect(info).toEqual(await json('/'));
    expect(String(info['height'])).toBe((await network.ask('/height')).text);
    expect(info['current']).toBe((await json('/block/current'))['indep_hash']);
    expect(Buffer.from(String(info['current']), 'base64url')).toHaveLength(48);
    expect((await json(`/block/height/${info['height']}`))['indep_hash']).toBe(info['current']);
    expect(await network.ask('/peers')).toEqual({ status: 200, text: '[]' });
  });

  it('suggest an anchor some blocks deep, so that it outlives a small reorganisation', async () => {
    network.gateway.mine(10);
    const height = Number((await network.ask('/height')).text);
    const anchor = (await network.ask('/tx_anchor')).text;
    expect((await json(`/block/hash/${anchor}`))['height']).toBe(height - 5);
  });

  it('price whole chunks, and move the price when told', async () => {
    const price = async (bytes: number) => BigInt((await network.ask(`/price/${bytes}`)).text);
    const one = await price(1);
    expect(await price(262_144)).toBe(one);
    expect(await price(262_145)).toBeGreaterThan(one);
    await network.ask('/dev/price/150', { method: 'POST' });
    expect(await price(1)).toBe((one * 3n) / 2n);
    network.gateway.movePrice(100);
  });

  it('answer the fields of a transaction', async () => {
    const tx = await network.upload(Buffer.from('fields'), { tags: { 'Content-Type': 'text/plain' } });
    expect(await network.ask(`/tx/${tx.id}`)).toEqual({ status: 202, text: 'Pending' });
    expect(await network.ask('/tx/pending')).toEqual({ status: 200, text: JSON.stringify([tx.id]) });
    network.gateway.mine();
    expect((await network.ask(`/tx/${tx.id}/reward`)).text).toBe(tx.reward);
    expect((await network.ask(`/tx/${tx.id}/data`)).text).toBe(Buffer.from('fields').toString('base64url'));
    expect((await network.ask(`/tx/${tx.id}/data.txt`)).text).toBe('fields');
    expect((await network.ask(`/tx/${tx.id}/colour`)).status).toBe(404);
  });

  it.each([
    '/nowhere/at/all',
    `/tx/${'A'.repeat(43)}`,
    `/tx/${'A'.repeat(43)}/status`,
    '/block/height/99999',
    '/chunk/1',
  ])('answer 404 to %s if there is no such thing', async (path) => {
    const fresh = new TestNetwork();
    await fresh.start();
    expect((await fresh.ask(path)).status).toBe(404);
    await fresh.remove();
  });
});
