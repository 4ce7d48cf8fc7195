import { randomBytes } from 'node:crypto';
import { computeRootHash, generateTransactionChunks } from 'arweave/node/lib/merkle.js';
import { type SignedTx, TestNetwork } from '../testing/test-network.ts';

const network = new TestNetwork();
const data = randomBytes(4 * 262_144 + 1000);
let tx: SignedTx;

beforeAll(async () => {
  await network.start();
  tx = await network.sign(data);
  await network.postHeader(tx);
});
afterAll(() => network.remove());

const zeros = (bytes: number): string => Buffer.alloc(bytes).toString('base64url');
const error = (name: string) => ({ status: 400, text: JSON.stringify({ error: name }) });

describe('POST /chunk refuses', () => {
  it.each([
    ['a forged path', () => ({ data_path: flipped(tx.getChunk(1, data).data_path, 40) }), 'invalid_proof'],
    ['the path of another chunk', () => ({ data_path: tx.getChunk(2, data).data_path }), 'invalid_proof'],
    ['an offset in another chunk', () => ({ offset: '0' }), 'invalid_proof'],
    ['other bytes', () => ({ chunk: zeros(262_144) }), 'invalid_proof'],
    ['one byte less', () => ({ chunk: data.toString('base64url', 262_144, 2 * 262_144 - 1) }), 'invalid_proof'],
    [
      'a path with bytes behind its end',
      () => ({ data_path: `${tx.getChunk(1, data).data_path}AAAA` }),
      'invalid_proof',
    ],
    ['a root no transaction has', () => ({ data_root: zeros(32) }), 'data_root_not_found'],
    ['a known root with another size', () => ({ data_size: String(data.length - 1) }), 'data_root_not_found'],
    ['a chunk over 256 KiB', () => ({ chunk: zeros(262_145) }), 'chunk_too_big'],
    ['a path over 256 KiB', () => ({ data_path: zeros(262_145) }), 'data_path_too_big'],
    ['an offset beyond 32 bytes', () => ({ offset: String(2n ** 256n) }), 'offset_too_big'],
    ['a size beyond 32 bytes', () => ({ data_size: String(2n ** 256n) }), 'data_size_too_big'],
    ['a chunk smaller than its proof', () => ({ chunk: zeros(10) }), 'chunk_proof_ratio_not_attractive'],
    ['a field that is missing', () => ({ chunk: undefined }), 'invalid_json'],
  ])('%s', async (_what, changes, name) => {
    expect(await network.postChunk(tx, data, 1, changes())).toEqual(error(name));
  });

  it('what is not JSON', async () => {
    expect(await network.post('/chunk', 'chunk')).toEqual(error('invalid_json'));
  });

  it('a body beyond the limit', async () => {
    expect((await network.post('/chunk', 'x'.repeat(800_000))).status).toBe(413);
  });
});

describe('chunks', () => {
  it('may come in any order and twice, and the data appears when the last is there', async () => {
    network.gateway.mine();
    for (const index of [4, 2, 0, 3, 3]) expect((await network.postChunk(tx, data, index)).status).toBe(200);
    expect((await network.ask(`/${tx.id}`)).status).toBe(404);
    expect((await network.client.transactions.getStatus(tx.id)).status).toBe(200);
    expect((await network.postChunk(tx, data, 1)).status).toBe(200);
    const read = await fetch(`${network.gateway.url}/${tx.id}`);
    expect(Buffer.from(await read.arrayBuffer()).equals(data)).toBe(true);
  });

  it('are shared by transactions with the same data', async () => {
    const again = await network.sign(data, { tags: { Copy: 'yes' } });
    await network.postHeader(again);
    network.gateway.mine();
    expect((await network.ask(`/${again.id}`)).status).toBe(200);
  });

  it('include none for the empty last leaf of data that fills its chunks', async () => {
    const full = randomBytes(262_144);
    const { data_root, chunks } = await generateTransactionChunks(full);
    expect(Buffer.from(await computeRootHash(full)).equals(Buffer.from(data_root))).toBe(true);
    expect(chunks).toHaveLength(1);
    const exact = await network.sign(full);
    await network.postHeader(exact);
    expect((await network.postChunk(exact, full, 0)).status).toBe(200);
    network.gateway.mine();
    expect((await network.ask(`/${exact.id}`)).status).toBe(200);
  });
});

function flipped(path: string, at: number): string {
  const bytes = Buffer.from(path, 'base64url');
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  return bytes.toString('base64url');
}
