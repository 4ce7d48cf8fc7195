import { randomBytes } from 'node:crypto';
import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { TestNetwork } from '../testing/test-network.ts';
import { ann, ben } from '../testing/wallets.ts';

const network = new TestNetwork();

beforeAll(() => network.start());
afterAll(() => network.remove());

async function statusOf(id: string): Promise<number> {
  return (await network.client.transactions.getStatus(id)).status;
}

async function current(): Promise<string> {
  return (await network.client.network.getInfo()).current;
}

describe('a reorganisation', () => {
  it('returns transactions to the pool, on a chain as high as before with other blocks', async () => {
    network.gateway.mine(10);
    const tx = await network.upload(Buffer.from('mined twice'));
    network.gateway.mine();
    const { height, current: before } = await network.client.network.getInfo();
    expect(network.gateway.reorg(1)).toEqual([tx.id]);
    const after = await network.client.network.getInfo();
    expect(after.height).toBe(height);
    expect(after.current).not.toBe(before);
    expect((await network.ask(`/block/hash/${before}`)).status).toBe(404);
    expect(await statusOf(tx.id)).toBe(202);
    expect((await network.ask(`/${tx.id}`)).status).toBe(404);
    network.gateway.mine();
    expect(await statusOf(tx.id)).toBe(200);
    expect((await network.ask(`/${tx.id}`)).text).toBe('mined twice');
  });

  it('loses transactions anchored to a block it replaces, and returns their winston', async () => {
    const balance = network.gateway.balance(ann.address);
    const tx = await network.upload(Buffer.from('anchored too high'), { last_tx: await current() });
    network.gateway.mine();
    network.gateway.reorg(2);
    expect(await statusOf(tx.id)).toBe(404);
    expect(network.gateway.balance(ann.address)).toBe(balance);
  });

  it('forgets what it replaces when told so', async () => {
    network.gateway.mine(3);
    const balance = network.gateway.balance(ann.address);
    const tx = await network.upload(Buffer.from('forgotten'));
    network.gateway.mine(2);
    const answer = await network.ask('/dev/reorg/2?txs=forget', { method: 'POST' });
    expect(answer.text).toBe(JSON.stringify({ orphaned: [tx.id] }));
    expect(await statusOf(tx.id)).toBe(404);
    expect(network.gateway.balance(ann.address)).toBe(balance);
  });

  it('frees the place in the weave for the next transaction', async () => {
    const placeOf = (id: string) => network.client.chunks.getTransactionOffset(id);
    const first = await network.upload(Buffer.from('first here'));
    network.gateway.mine();
    const place = await placeOf(first.id);
    network.gateway.reorg(1, 'forget');
    const second = await network.upload(Buffer.from('other here'));
    network.gateway.mine();
    expect(await placeOf(second.id)).toEqual(place);
    const read = await network.client.chunks.downloadChunkedData(second.id);
    expect(Buffer.from(read).toString()).toBe('other here');
  });

  it('takes transfers back', async () => {
    const before = network.gateway.balance(ben.address);
    const tx = await network.client.createTransaction({ target: ben.address, quantity: '7' }, ann.jwk);
    await network.client.transactions.sign(tx, ann.jwk);
    await network.client.transactions.post(tx);
    network.gateway.mine();
    expect(network.gateway.balance(ben.address)).toBe(before + 7n);
    network.gateway.reorg(1);
    expect(network.gateway.balance(ben.address)).toBe(before);
    network.gateway.mine();
    expect(network.gateway.balance(ben.address)).toBe(before + 7n);
  });

  it('does not reach the first block', async () => {
    const { height } = await network.client.network.getInfo();
    expect(() => network.gateway.reorg(height + 1)).toThrow(RangeError);
    expect((await network.ask(`/dev/reorg/${height + 1}`, { method: 'POST' })).status).toBe(400);
  });
});

describe('the weave', () => {
  it('places the data of each transaction on a boundary of 256 KiB', async () => {
    const small = await network.upload(randomBytes(1000));
    network.gateway.mine();
    const large = await network.upload(randomBytes(300_000));
    network.gateway.mine();
    const starts: number[] = [];
    for (const { id } of [small, large]) {
      const { size, offset } = await network.client.chunks.getTransactionOffset(id);
      starts.push(Number(offset) - Number(size));
    }
    expect(starts.map((start) => start % 262_144)).toEqual([0, 0]);
    expect((starts[1] ?? 0) - (starts[0] ?? 0)).toBe(262_144);
  });
});

describe('a restart', () => {
  it('keeps chain, balances, pending transactions and data, and cuts off a torn last line', async () => {
    const data = randomBytes(600_000);
    const mined = await network.upload(data);
    network.gateway.mine();
    const pending = await network.upload(Buffer.from('pending over a restart'));
    const info = await network.client.network.getInfo();
    const balance = network.gateway.balance(ann.address);
    await network.stop();
    const journal = join(network.dataDir, 'journal.jsonl');
    const whole = readFileSync(journal);
    appendFileSync(journal, '{"type":"mint","address":"');

    await network.start();
    expect(await network.client.network.getInfo()).toEqual(info);
    expect(network.gateway.balance(ann.address)).toBe(balance);
    expect(await statusOf(mined.id)).toBe(200);
    expect(await statusOf(pending.id)).toBe(202);
    expect(readFileSync(journal)).toEqual(whole);
    const read = await network.client.chunks.downloadChunkedData(mined.id);
    expect(Buffer.from(read).equals(data)).toBe(true);
    network.gateway.mine();
    expect(await statusOf(pending.id)).toBe(200);
  });

  it('is refused on a journal that is damaged within', async () => {
    await network.stop();
    const journal = join(network.dataDir, 'journal.jsonl');
    appendFileSync(journal, 'not json\n');
    await expect(network.start()).rejects.toThrow(/line \d+ is not JSON/);
  });
});

describe('mining by the clock', () => {
  it('adds blocks by itself', async () => {
    const busy = new TestNetwork();
    await busy.start({ blockIntervalMs: 5 });
    const tx = await busy.upload(Buffer.from('soon'));
    let status = 0;
    while (status !== 200) status = (await busy.client.transactions.getStatus(tx.id)).status;
    await busy.remove();
    expect(status).toBe(200);
  });
});
