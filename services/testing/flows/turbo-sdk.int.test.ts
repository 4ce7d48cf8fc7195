import { createHash, randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDataItem, ethereumSigner, generateJwk, solanaSigner } from '@bundler/ans104';
import type { BundlerClient, Receipt } from '@bundler/client';
import type { ItemOffsets } from '@bundler/contract';
import { base58 } from '@scure/base';
import { Bundle } from 'arbundles';
import pg from 'pg';
import { type Failure, startFailingProxy } from '../src/failing-proxy.ts';
import { addressOf, describeUnless, Platform, until } from '../src/index.ts';
import { findTurboSdk } from '../src/turbo-sdk/install.ts';
import type { SdkTag, SdkWallet } from '../src/turbo-sdk/protocol.ts';
import type { TurboSdk } from '../src/turbo-sdk/turbo-sdk.ts';

type Token = 'arweave' | 'ethereum' | 'solana' | 'kyve';

const MiB = 1024 * 1024;
/** Items above 1 MiB are streamed into the store; the SDK uploads in parts from 10 MiB. */
const FREE_LIMIT = 4 * MiB;
/** Signature types as they stand in a data item; KYVE's users sign as Ethereum's do. */
const SIGNATURE_TYPES: readonly [Token, number][] = [
  ['arweave', 1],
  ['ethereum', 3],
  ['solana', 4],
  ['kyve', 3],
];
const TOKENS = SIGNATURE_TYPES.map(([token]) => token);
const IN_TIME = { intervalMs: 50, timeoutMs: 30_000 };
const LIMIT_MS = 40_000;

const sha256 = (bytes: Uint8Array, encoding: 'hex' | 'base64url' = 'hex'): string =>
  createHash('sha256').update(bytes).digest(encoding);

const source = await findTurboSdk(process.env, (line) => process.stderr.write(`${line}\n`));

describeUnless(source.missing, 'the unmodified @ardrive/turbo-sdk 1.43.0', () => {
  let sdk: TurboSdk;
  let platform: Platform;
  let client: BundlerClient;
  let url: string;
  let db: pg.Client;
  let directory: string;
  let rawAddress: string;
  let objects: string;
  let listed: Record<Token, SdkWallet>;
  let wallets: Record<Token, SdkWallet>;

  beforeAll(async () => {
    sdk = source.start();
    [wallets, listed] = [await newWallets(), await newWallets()];
    const addresses = TOKENS.map((token) => sdk.do('nativeAddress', { wallet: listed[token] }));
    directory = await mkdtemp(join(tmpdir(), 'bundler-sdk-'));
    objects = join(directory, 'objects');
    const env = {
      FREE_UPLOAD_LIMIT: String(FREE_LIMIT),
      ALLOW_LISTED_ADDRESSES: (await Promise.all(addresses)).join(','),
      OBJECT_STORE_DIR: objects,
      RAW_DATA_UPLOADS_ENABLED: 'true',
      RAW_DATA_WALLET_FILE: join(directory, 'raw-wallet.json'),
    };
    const rawWallet = await generateJwk();
    rawAddress = addressOf(rawWallet);
    await writeFile(env.RAW_DATA_WALLET_FILE, JSON.stringify(rawWallet));
    platform = await Platform.start({ env });
    client = platform.client();
    url = platform.processes.find(({ role }) => role === 'upload')!.url;
    db = new pg.Client({ connectionString: platform.database.url });
    await db.connect();
  }, 60_000);
  afterAll(async () => {
    await db?.end();
    await platform?.stop();
    await sdk?.stop();
    if (directory) await rm(directory, { recursive: true, force: true });
  });

  const rows = async (): Promise<number> =>
    (await db.query<{ n: number }>('select count(*)::int as n from data_items')).rows[0]!.n;
  const files = async (): Promise<string[]> =>
    (await readdir(objects, { recursive: true, withFileTypes: true }))
      .filter((entry) => entry.isFile())
      .map(({ name }) => name);
  const offsetsOf = async (id: string): Promise<ItemOffsets> =>
    (await fetch(`${url}/v1/tx/${id}/offsets`)).json() as Promise<ItemOffsets>;

  async function bundleOf(id: string): Promise<Bundle> {
    const answer = await fetch(`${platform.gateway.url}/tx/${(await offsetsOf(id)).rootBundleId}/data.bin`);
    return new Bundle(Buffer.from(await answer.arrayBuffer()));
  }

  /** Follows an item until it is permanent, and tells what lies in its bundle. */
  async function permanentItem(receipt: Receipt) {
    expect(await client.verifyReceipt(receipt)).toBe(true);
    expect(await client.waitFor(receipt.id, 'permanent', IN_TIME)).toMatchObject({ status: 'FINALIZED' });
    expect(platform.gateway.placesOf(receipt.id)).toHaveLength(1);
    // Not `Bundle.get(id)`: of several items, arbundles 0.11.2 then cuts out the wrong bytes.
    const item = (await bundleOf(receipt.id)).items.find(({ id }) => id === receipt.id)!;
    expect(await item.isValid()).toBe(true);
    expect(sha256(item.rawOwner, 'base64url')).toBe(receipt.owner);
    return { signatureType: item.signatureType as number, tags: item.tags, data: sha256(item.rawData) };
  }

  it.each(SIGNATURE_TYPES)(
    'uploads with a key of %s: the receipt holds, and the item becomes permanent as it was signed',
    async (token, signatureType) => {
      const data = randomBytes(100_000);
      const tags = [{ name: 'Content-Type', value: 'image/png' }];
      const { receipt, retries, progress } = await sdk.do('upload', { url, wallet: wallets[token], data, tags });
      expect(retries).toBe(0);
      expect(receipt).toMatchObject({ winc: '0', version: '0.2.0', timestamp: expect.any(Number) });
      expect(progress!.totalBytes).toBeGreaterThan(data.length);
      expect(progress!.processedBytes).toBe(progress!.totalBytes);
      expect(await permanentItem(receipt)).toEqual({ signatureType, tags, data: sha256(data) });
    },
    LIMIT_MS,
  );

  it(
    'uploads no bytes at all, with tags that are empty',
    async () => {
      const data = new Uint8Array();
      const tags = [{ name: 'Empty', value: '' }];
      const { receipt } = await sdk.do('upload', { url, wallet: wallets.solana, data, tags });
      expect(await permanentItem(receipt)).toEqual({ signatureType: 4, tags, data: sha256(data) });
    },
    LIMIT_MS,
  );

  it(
    'uploads a file as a stream',
    async () => {
      const data = randomBytes(FREE_LIMIT - 10_000);
      const file = join(directory, 'file');
      await writeFile(file, data);
      const { receipt } = await sdk.do('uploadFile', { url, wallet: wallets.arweave, file });
      expect(await permanentItem(receipt)).toEqual({ signatureType: 1, tags: [], data: sha256(data) });
    },
    LIMIT_MS,
  );

  describe('in parts', () => {
    const newFile = async (data: Buffer): Promise<string> => {
      const file = join(directory, 'file-in-parts');
      await writeFile(file, data);
      return file;
    };
    const uploadsBy = async (): Promise<Record<string, number>> => {
      const { rows: states } = await db.query<{ state: string; n: number }>(
        'select coalesce(failed_reason, state) as state, count(*)::int as n from multipart_uploads group by 1',
      );
      return Object.fromEntries(states.map(({ state, n }) => [state, n]));
    };

    it.each(SIGNATURE_TYPES)(
      'uploads a large file with a key of %s by itself: the receipt holds, and the item becomes permanent as it was signed',
      async (token, signatureType) => {
        const data = randomBytes(12 * MiB);
        const file = await newFile(data);
        const finalized = (await uploadsBy()).finalized ?? 0;
        const { receipt, retries, progress } = await sdk.do('uploadFile', { url, wallet: listed[token], file });
        expect(retries).toBe(0);
        expect(progress!.processedBytes).toBe(progress!.totalBytes);
        expect((await uploadsBy()).finalized).toBe(finalized + 1);
        expect(await permanentItem(receipt)).toEqual({ signatureType, tags: [], data: sha256(data) });
      },
      LIMIT_MS,
    );

    it(
      'uploads a file of 1 MiB when it is told to, through answers that get lost and requests that fail: one item',
      async () => {
        const data = randomBytes(MiB);
        const file = await newFile(data);
        const proxy = await startFailingProxy(url, [
          // To create, to send, to finalize, to ask.
          ...(['answer lost', undefined] as const),
          ...(['not forwarded', 'answer lost', undefined] as const),
          ...(['not forwarded', 'answer lost', undefined] as const),
          'not forwarded',
        ]);
        try {
          const before = await rows();
          const upload = { url: proxy.url, wallet: wallets.arweave, file, inParts: true };
          const { receipt, retries } = await sdk.do('uploadFile', upload);
          expect([retries, proxy.requests()]).toEqual([6, 10]);
          expect(await rows()).toBe(before + 1);
          expect(await permanentItem(receipt)).toMatchObject({ data: sha256(data) });
        } finally {
          await proxy.close();
        }
      },
      LIMIT_MS,
    );

    it(
      'fails with 402 and no further try above the free limit, and nothing is kept',
      async () => {
        const file = await newFile(randomBytes(12 * MiB));
        const before = { rows: await rows(), files: (await files()).length };
        await expect(sdk.do('uploadFile', { url, wallet: wallets.ethereum, file })).rejects.toMatchObject({
          status: 402,
          message: expect.stringContaining('Insufficient balance'),
        });
        expect(await uploadsBy()).toMatchObject({ UNDERFUNDED: 1 });
        expect(await rows()).toBe(before.rows);
        await until(async () => (await files()).length === before.files);
      },
      LIMIT_MS,
    );

    it(
      'fails when its signature does not fit, and nothing is kept of any of its tries',
      async () => {
        const file = await newFile(randomBytes(1000));
        const before = { rows: await rows(), files: (await files()).length };
        const upload = { url, wallet: wallets.solana, file, inParts: true, changing: true };
        await expect(sdk.do('uploadFile', upload)).rejects.toThrow('multi-part status INVALID');
        expect(await uploadsBy()).toMatchObject({ INVALID: 5 });
        expect(await rows()).toBe(before.rows);
        await until(async () => (await files()).length === before.files);
      },
      LIMIT_MS,
    );
  });

  it(
    'uploads a folder: its bundles are good, ordered as the offsets say, and its manifest reads back',
    async () => {
      const folder = join(directory, 'folder');
      await mkdir(join(folder, 'deeper'), { recursive: true });
      const names = ['index.html', 'empty.txt', 'deeper/a.json', 'deeper/b.bin'];
      for (const [index, name] of names.entries())
        await writeFile(join(folder, name), randomBytes(10_000 * (index % 3)));

      const { manifest, receipts } = await sdk.do('uploadFolder', { url, wallet: wallets.ethereum, folder });
      expect(Object.keys(manifest.paths).sort()).toEqual(names.sort());
      expect(receipts).toHaveLength(names.length + 1);
      const statuses = await Promise.all(receipts.map(({ id }) => client.waitFor(id, 'permanent', IN_TIME)));
      const bundleIds = new Set(statuses.map((status) => status.bundleId!));
      // Else there is no order to see.
      expect(bundleIds.size).toBeLessThan(receipts.length);
      for (const bundleId of bundleIds) await expectGoodBundle(bundleId);

      const manifestAnswer = await client.download(receipts.at(-1)!.id);
      expect(manifestAnswer.headers.get('content-type')).toBe('application/x.arweave-manifest+json');
      expect(await manifestAnswer.json()).toMatchObject({ manifest: 'arweave/paths', paths: manifest.paths });
    },
    LIMIT_MS,
  );

  async function expectGoodBundle(id: string): Promise<void> {
    const { tags } = (await (await fetch(`${platform.gateway.url}/tx/${id}`)).json()) as { tags: SdkTag[] };
    const plain = (text: string): string => Buffer.from(text, 'base64url').toString();
    expect(tags.map(({ name, value }) => [plain(name), plain(value)])).toEqual(
      expect.arrayContaining([
        ['Bundle-Format', 'binary'],
        ['Bundle-Version', '2.0.0'],
      ]),
    );
    const bytes = Buffer.from(await (await fetch(`${platform.gateway.url}/${id}`)).arrayBuffer());
    const bundle = new Bundle(bytes);
    expect(await bundle.verify()).toBe(true);
    let end = 32 + 64 * bundle.length;
    for (const item of bundle.items) {
      expect(await offsetsOf(item.id)).toMatchObject({
        rootBundleId: id,
        startOffsetInRootBundle: end,
        rawContentLength: item.getRaw().length,
        payloadDataStart: item.getStartOfData(),
        payloadContentLength: item.rawData.length,
      });
      end += item.getRaw().length;
    }
    expect(end).toBe(bytes.length);
  }

  it('uploads the same bytes twice: one item, one receipt', async () => {
    const upload = { url, wallet: wallets.ethereum, data: randomBytes(1000) };
    const before = await rows();
    const first = await sdk.do('upload', upload);
    const again = await sdk.do('upload', upload);
    expect(again.receipt).toEqual(first.receipt);
    expect(await rows()).toBe(before + 1);
  });

  describe('items signed elsewhere', () => {
    const signed = (byteCount: number): Promise<Buffer> =>
      createDataItem({ signer: ethereumSigner(randomBytes(32)), data: randomBytes(byteCount), tags: [] });

    it('are taken', async () => {
      const { receipt } = await sdk.do('uploadSignedDataItem', { url, item: await signed(1000) });
      expect(await client.verifyReceipt(receipt)).toBe(true);
    });

    it.each([1000, 3 * MiB])(
      'of %i bytes are refused when the signature is damaged, and not kept',
      async (byteCount) => {
        const item = await signed(byteCount);
        item[10]! ^= 1;
        const before = await rows();
        await expect(sdk.do('uploadSignedDataItem', { url, item })).rejects.toMatchObject({
          status: 400,
          message: expect.stringContaining('Invalid Data Item'),
        });
        expect(await rows()).toBe(before);
      },
    );

    it('leave nothing behind when their upload is aborted, and can be sent again at once', async () => {
      const item = await signed(FREE_LIMIT - 10_000);
      const before = { rows: await rows(), files: new Set(await files()) };
      const newFiles = async (): Promise<number> => (await files()).filter((name) => !before.files.has(name)).length;
      const stalled = expect(sdk.do('uploadSignedDataItem', { url, item, stall: true })).rejects.toMatchObject({
        message: expect.stringMatching(/abort/i),
      });
      await until(async () => (await newFiles()) > 0);
      await sdk.do('abort', {});
      await stalled;
      await until(async () => (await newFiles()) === 0);
      expect(await rows()).toBe(before.rows);

      const { receipt } = await sdk.do('uploadSignedDataItem', { url, item });
      expect(await client.verifyReceipt(receipt)).toBe(true);
      expect(await rows()).toBe(before.rows + 1);
    });
  });

  describe('data that the service is to sign', () => {
    it.each([
      ['by nobody', {}],
      ['by somebody who could pay for it', { privateKey: `0x${randomBytes(32).toString('hex')}` }],
    ])(
      'is taken %s, with its tags: the receipt holds, and the item becomes permanent',
      async (_, payer) => {
        const data = randomBytes(100_000);
        const tags = [{ name: 'Content-Type', value: 'image/png' }];
        const receipt = await sdk.do('uploadUnsigned', { url, data, tags, ...payer });
        expect(receipt).toMatchObject({ owner: rawAddress, winc: '0' });
        expect(await permanentItem(receipt)).toEqual({ signatureType: 1, tags, data: sha256(data) });
      },
      LIMIT_MS,
    );

    it('fails with 402 above the free limit, and nothing is kept', async () => {
      const before = await rows();
      const upload = { url, data: randomBytes(FREE_LIMIT + 1), tags: [] };
      await expect(sdk.do('uploadUnsigned', upload)).rejects.toMatchObject({
        status: 402,
        message: expect.stringContaining('Insufficient balance'),
      });
      // Who could pay wants to read from the answer how much, and to whom; there is nobody to be paid.
      const privateKey = `0x${randomBytes(32).toString('hex')}`;
      await expect(sdk.do('uploadUnsigned', { ...upload, privateKey })).rejects.toThrow('Insuffici');
      expect(await rows()).toBe(before);
    });
  });

  it.each(TOKENS)('fails with 402 when a user of %s is above the free limit, and nothing is kept', async (token) => {
    const before = await rows();
    const upload = sdk.do('upload', { url, wallet: wallets[token], data: randomBytes(FREE_LIMIT + 1) });
    await expect(upload).rejects.toMatchObject({
      status: 402,
      message: expect.stringContaining('Insufficient balance'),
    });
    expect(await rows()).toBe(before);
  });

  it.each(TOKENS)(
    'knows a user of %s by the address that the SDK shows: allow-listed, it uploads whatever its size',
    async (token) => {
      const data = randomBytes(FREE_LIMIT + 1);
      const { receipt } = await sdk.do('upload', { url, wallet: listed[token], data });
      expect(receipt.winc).toBe('0');
    },
  );

  it.each<Failure>(['not forwarded', 'answer lost'])(
    'tries again after 503 (%s), and its item is stored once',
    async (failure) => {
      const proxy = await startFailingProxy(url, [failure, failure]);
      try {
        const before = await rows();
        const upload = { url: proxy.url, wallet: wallets.ethereum, data: randomBytes(1000) };
        const { receipt, retries } = await sdk.do('upload', upload);
        expect([retries, proxy.requests()]).toEqual([2, 3]);
        expect(await client.verifyReceipt(receipt)).toBe(true);
        expect(await rows()).toBe(before + 1);
      } finally {
        await proxy.close();
      }
    },
  );
});

/** A key for each kind, in the form in which its users keep it. */
async function newWallets(): Promise<Record<Token, SdkWallet>> {
  const seed = randomBytes(32);
  return {
    arweave: { token: 'arweave', privateKey: await generateJwk() },
    ethereum: { token: 'ethereum', privateKey: `0x${randomBytes(32).toString('hex')}` },
    solana: { token: 'solana', privateKey: base58.encode(Buffer.concat([seed, solanaSigner(seed).owner])) },
    kyve: { token: 'kyve', privateKey: randomBytes(32).toString('hex') },
  };
}
