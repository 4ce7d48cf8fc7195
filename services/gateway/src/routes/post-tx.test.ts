import { randomBytes } from 'node:crypto';
import { type SignedTx, TestNetwork } from '../testing/test-network.ts';
import { ann, ben } from '../testing/wallets.ts';

const network = new TestNetwork();
let tx: SignedTx;

beforeAll(async () => {
  await network.start();
  tx = await network.sign(Buffer.from('a transaction to be changed'));
});
afterAll(() => network.remove());

const zeros = (bytes: number): string => Buffer.alloc(bytes).toString('base64url');

describe('POST /tx refuses', () => {
  it.each([
    ['a changed field that was signed', { data_size: '28' }, 400, 'Transaction verification failed.'],
    ['an id that is not the hash of the signature', { id: zeros(32) }, 400, 'Invalid hash.'],
    ['another format', { format: 1 }, 400, 'format'],
    ['an owner that is no RSA-4096 key', { owner: zeros(256) }, 400, 'owner'],
    ['a data root of the wrong length', { data_root: zeros(31) }, 400, 'data_root'],
    ['a data root without data', { data_size: '0' }, 400, 'data_root'],
    ['amounts that are not decimal', { reward: '1e9' }, 400, 'reward'],
    ['an anchor no block has', { last_tx: zeros(48) }, 400, 'Invalid anchor (last_tx).'],
    ['the transaction of another wallet as an anchor', { last_tx: zeros(32) }, 400, 'Invalid anchor (last_tx).'],
    ['tags of more than 2048 bytes', { tags: [{ name: zeros(1024), value: zeros(1025) }] }, 400, '2049 bytes'],
    ['tags that are not base64url', { tags: [{ name: 'a b', value: '' }] }, 400, 'tags'],
    ['a field that is missing', { signature: undefined }, 400, 'Invalid JSON.'],
    ['data that is not what the root says', { data: zeros(27) }, 400, 'The attached data is split in an unknown way.'],
  ])('%s', async (_what, changes, status, text) => {
    const answer = await network.postHeader(tx, changes);
    expect(answer.status).toBe(status);
    expect(answer.text).toContain(text);
  });

  it('what is not JSON', async () => {
    expect(await network.post('/tx', '{"format":2')).toEqual({ status: 400, text: 'Invalid JSON.' });
  });

  it('a body beyond the limit', async () => {
    expect((await network.post('/tx', 'x'.repeat(15 * 1024 * 1024 + 1))).status).toBe(413);
  });

  it('a forged signature whose id fits it', async () => {
    const signature = randomBytes(512);
    const id = Buffer.from(await crypto.subtle.digest('SHA-256', signature)).toString('base64url');
    const answer = await network.postHeader(tx, { id, signature: signature.toString('base64url') });
    expect(answer).toEqual({ status: 400, text: 'Transaction verification failed.' });
  });

  it('a reward below the price', async () => {
    const price = BigInt((await network.ask('/price/4')).text);
    const low = await network.sign(Buffer.from('data'), { reward: String(price - 1n) });
    expect(await network.postHeader(low)).toEqual({ status: 400, text: 'Transaction reward too low.' });
    const enough = await network.sign(Buffer.from('data'), { reward: String(price) });
    expect((await network.postHeader(enough)).status).toBe(200);
  });

  it('a wallet that cannot pay, counting what it has pending', async () => {
    const price = BigInt((await network.ask('/price/4')).text);
    network.gateway.mint(ben.address, price * 2n - 1n);
    const first = await network.sign(Buffer.from('one.'), { jwk: ben.jwk });
    const second = await network.sign(Buffer.from('two.'), { jwk: ben.jwk });
    expect((await network.postHeader(first)).status).toBe(200);
    expect(await network.postHeader(second)).toEqual({ status: 410, text: 'Not enough tokens.' });
  });

  it('a pending transaction as an anchor', async () => {
    const pending = await network.upload(Buffer.from('still pending'));
    const next = await network.sign(Buffer.from('too early'), { last_tx: pending.id });
    expect((await network.postHeader(next)).text).toBe('Invalid anchor (last_tx from mempool).');
  });

  it('an empty anchor from a wallet that has a mined transaction', async () => {
    await network.upload(Buffer.from('the first of many'));
    network.gateway.mine();
    const answer = await network.post('/tx', { ...tx.toJSON(), data: '', last_tx: '' });
    expect(answer.text).toBe('Invalid anchor (last_tx).');
  });
});

describe('POST /tx', () => {
  it('answers 208 to a transaction it has, pending or mined, and charges once', async () => {
    const again = await network.upload(Buffer.from('twice'));
    const balance = network.gateway.balance(ann.address);
    expect(await network.postHeader(again)).toEqual({ status: 208, text: 'Transaction already processed.' });
    network.gateway.mine();
    expect((await network.postHeader(again)).status).toBe(208);
    expect(network.gateway.balance(ann.address)).toBe(balance);
  });

  it('takes one of two identical transactions that arrive together', async () => {
    const balance = network.gateway.balance(ann.address);
    const twin = await network.sign(randomBytes(3_000_000));
    const body = JSON.stringify(twin);
    const answers = await Promise.all([network.post('/tx', body), network.post('/tx', body)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 208]);
    expect(network.gateway.balance(ann.address)).toBe(balance - BigInt(twin.reward));
  });

  it('drops a transaction and returns its winston once its anchor is 50 blocks old', async () => {
    const balance = network.gateway.balance(ann.address);
    network.gateway.faults.add({ dropTx: 'next' });
    const stuck = await network.upload(Buffer.from('never mined'), { last_tx: await tip() });
    network.gateway.mine(49);
    expect((await network.client.transactions.getStatus(stuck.id)).status).toBe(202);
    network.gateway.mine();
    expect((await network.client.transactions.getStatus(stuck.id)).status).toBe(404);
    expect(network.gateway.balance(ann.address)).toBe(balance);
    expect((await network.postHeader(stuck)).text).toBe('Invalid anchor (last_tx).');
  });

  async function tip(): Promise<string> {
    return (await network.client.network.getInfo()).current;
  }
});
