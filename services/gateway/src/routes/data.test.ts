import { randomBytes } from 'node:crypto';
import { arweaveSigner, createDataItem, encodeBundleHeader, ethereumSigner } from '@bundler/ans104';
import { TestNetwork } from '../testing/test-network.ts';
import { ann } from '../testing/wallets.ts';

const network = new TestNetwork();

beforeAll(() => network.start());
afterAll(() => network.remove());

const BUNDLE_TAGS = { 'Bundle-Format': 'binary', 'Bundle-Version': '2.0.0' };

async function bytesOf(path: string, headers: Record<string, string> = {}) {
  const response = await fetch(network.gateway.url + path, { headers });
  return { response, bytes: Buffer.from(await response.arrayBuffer()) };
}

function bundleOf(items: readonly Buffer[], ids: readonly Buffer[]): Buffer {
  const entries = items.map((item, index) => ({ id: ids[index] ?? Buffer.alloc(32), byteCount: item.length }));
  return Buffer.concat([encodeBundleHeader(entries), ...items]);
}

async function idOf(item: Buffer): Promise<Buffer> {
  const signatureLength = item.readUInt16LE(0) === 1 ? 512 : 65;
  return Buffer.from(await crypto.subtle.digest('SHA-256', item.subarray(2, 2 + signatureLength)));
}

async function arweaveItem(data: Uint8Array, tags: { name: string; value: string }[] = []): Promise<Buffer> {
  return createDataItem({ signer: arweaveSigner(ann.jwk as never), data, tags });
}

describe('the data of a transaction', () => {
  it('is served with its type, whole, in ranges and as a header only', async () => {
    const data = randomBytes(600_000);
    const { id } = await network.upload(data, { tags: { 'Content-Type': 'video/webm' } });
    network.gateway.mine();
    for (const path of [`/${id}`, `/raw/${id}`]) {
      const whole = await bytesOf(path);
      expect(whole.response.headers.get('content-type')).toBe('video/webm');
      expect(whole.response.headers.get('content-length')).toBe('600000');
      expect(whole.bytes.equals(data)).toBe(true);
    }
    const across = await bytesOf(`/${id}`, { range: 'bytes=262140-262150' });
    expect(across.response.status).toBe(206);
    expect(across.response.headers.get('content-range')).toBe('bytes 262140-262150/600000');
    expect(across.bytes.equals(data.subarray(262_140, 262_151))).toBe(true);
    expect((await bytesOf(`/${id}`, { range: 'bytes=-3' })).bytes.equals(data.subarray(-3))).toBe(true);
    expect((await bytesOf(`/${id}`, { range: 'bytes=600000-' })).response.status).toBe(416);

    const head = await fetch(`${network.gateway.url}/${id}`, { method: 'HEAD' });
    expect(head.headers.get('content-length')).toBe('600000');
  });

  it('is not there before the transaction is mined, nor while a chunk is missing', async () => {
    const data = randomBytes(600_000);
    const tx = await network.sign(data);
    await network.postHeader(tx);
    await network.postChunk(tx, data, 0);
    await network.postChunk(tx, data, 1);
    expect((await network.ask(`/${tx.id}`)).status).toBe(404);
    network.gateway.mine();
    expect((await network.ask(`/${tx.id}`)).status).toBe(404);
    expect((await network.ask(`/tx/${tx.id}/data`)).status).toBe(404);
    await network.postChunk(tx, data, 2);
    expect((await network.ask(`/${tx.id}`)).status).toBe(200);
  });
});

describe('data items', () => {
  it('are read back out of a mined bundle, across chunks, with their own type', async () => {
    const payloads = [randomBytes(10), randomBytes(300_000), randomBytes(0), randomBytes(5000)];
    const items = [
      await arweaveItem(payloads[0] as Buffer, [{ name: 'Content-Type', value: 'text/css' }]),
      await createDataItem({ signer: ethereumSigner(Buffer.alloc(32, 7)), data: payloads[1] as Buffer }),
      await arweaveItem(payloads[2] as Buffer, [{ name: 'Kind', value: 'empty' }]),
      await arweaveItem(payloads[3] as Buffer, [{ name: 'Kind', value: 'last' }]),
    ];
    const ids = await Promise.all(items.map(idOf));
    const tx = await network.upload(bundleOf(items, ids), { tags: BUNDLE_TAGS });
    const first = ids[0]?.toString('base64url') ?? '';
    expect((await network.ask(`/${first}`)).status).toBe(404);
    network.gateway.mine();
    await network.gateway.settled();
    for (const [index, id] of ids.entries()) {
      const { response, bytes } = await bytesOf(`/${id.toString('base64url')}`);
      expect(response.status).toBe(200);
      expect(bytes.equals(payloads[index] as Buffer)).toBe(true);
    }
    expect((await bytesOf(`/${first}`)).response.headers.get('content-type')).toBe('text/css');
    const places = JSON.parse((await network.ask(`/dev/items/${first}`)).text) as object[];
    expect(places).toEqual([expect.objectContaining({ bundle: tx.id, size: items[0]?.length })]);
  });

  it('appear once the last chunk of a mined bundle arrives', async () => {
    const item = await arweaveItem(randomBytes(500_000), [{ name: 'Late', value: 'yes' }]);
    const id = await idOf(item);
    const bundle = bundleOf([item], [id]);
    const tx = await network.sign(bundle, { tags: BUNDLE_TAGS });
    await network.postHeader(tx);
    network.gateway.mine();
    await network.postChunk(tx, bundle, 0);
    await network.gateway.settled();
    expect(network.gateway.placesOf(id.toString('base64url'))).toEqual([]);
    await network.postChunk(tx, bundle, 1);
    await network.gateway.settled();
    expect((await network.ask(`/${id.toString('base64url')}`)).status).toBe(200);
  });

  it('that are malformed or under a false id are left out, and the others served', async () => {
    const good = await arweaveItem(Buffer.from('good'));
    const items = [randomBytes(2000), good, await arweaveItem(Buffer.from('misnamed'))];
    const ids = [randomBytes(32), await idOf(good), randomBytes(32)];
    await network.upload(bundleOf(items, ids), { tags: BUNDLE_TAGS });
    network.gateway.mine();
    await network.gateway.settled();
    const found = ids.map((id) => network.gateway.placesOf(id.toString('base64url')).length);
    expect(found).toEqual([0, 1, 0]);
  });

  it.each([
    ['more items than it has room for', Buffer.concat([encodeCount(1_000_000), randomBytes(100)])],
    ['no table', randomBytes(10)],
    ['items beyond its end', encodeBundleHeader([{ id: randomBytes(32), byteCount: 10_000_000 }])],
  ])('of a bundle that declares %s are none, and the gateway goes on', async (_what, bundle) => {
    const { id } = await network.upload(bundle, { tags: BUNDLE_TAGS });
    network.gateway.mine();
    await network.gateway.settled();
    expect((await network.ask(`/${id}`)).status).toBe(200);
  });
});

describe('POST /graphql', () => {
  it('finds items and transactions by id, owner, tag, bundle and block, page by page', async () => {
    const tags = (value: string) => [
      { name: 'Colour', value },
      { name: 'Content-Type', value: 'text/plain' },
    ];
    const items = [
      await arweaveItem(Buffer.from('r'), tags('red')),
      await arweaveItem(Buffer.from('gg'), tags('green')),
    ];
    const ids = (await Promise.all(items.map(idOf))).map((id) => id.toString('base64url'));
    const tx = await network.upload(bundleOf(items, await Promise.all(items.map(idOf))), { tags: BUNDLE_TAGS });
    network.gateway.mine();
    await network.gateway.settled();

    const byTag = await query('tags: [{ name: "Colour", values: ["green"] }]');
    expect(byTag.edges.map(({ node }) => node)).toEqual([
      expect.objectContaining({
        id: ids[1],
        owner: { address: ann.address, key: ann.jwk.n },
        data: { size: '2', type: 'text/plain' },
        bundledIn: { id: tx.id },
      }),
    ]);
    const height = byTag.edges[0]?.node.block.height ?? -1;
    const inBundle = await query(`bundledIn: ["${tx.id}"], sort: HEIGHT_ASC, first: 1`);
    const rest = await query(`bundledIn: ["${tx.id}"], sort: HEIGHT_ASC, after: "${inBundle.edges[0]?.cursor}"`);
    expect([inBundle.pageInfo.hasNextPage, rest.pageInfo.hasNextPage]).toEqual([true, false]);
    expect([...inBundle.edges, ...rest.edges].map(({ node }) => node.id).sort()).toEqual([...ids].sort());
    const inBlock = await query(`owners: ["${ann.address}"], block: { min: ${height}, max: ${height} }`);
    expect(inBlock.edges.map(({ node }) => node.id).sort()).toEqual([tx.id, ...ids].sort());
    const byId = await query(`ids: ["${tx.id}", "${ids[0]}"]`);
    expect(byId.edges).toHaveLength(2);
  });

  it('says what is wrong with a query', async () => {
    expect((await network.post('/graphql', { query: '{ nothing }' })).status).toBe(400);
    expect((await network.post('/graphql', 'no json')).status).toBe(400);
    const answer = await network.post('/graphql', { query: '{ transactions(after: "x") { edges { cursor } } }' });
    expect(answer.text).toContain('not a cursor');
  });

  interface Connection {
    pageInfo: { hasNextPage: boolean };
    edges: { cursor: string; node: { id: string; block: { height: number } } }[];
  }

  async function query(args: string): Promise<Connection> {
    const fields = 'id owner { address key } data { size type } block { height } bundledIn { id }';
    const source = `{ transactions(${args}) { pageInfo { hasNextPage } edges { cursor node { ${fields} } } } }`;
    const { text } = await network.post('/graphql', { query: source });
    return (JSON.parse(text) as { data: { transactions: Connection } }).data.transactions;
  }
});

function encodeCount(count: number): Buffer {
  const bytes = Buffer.alloc(32);
  bytes.writeUInt32LE(count);
  return bytes;
}
