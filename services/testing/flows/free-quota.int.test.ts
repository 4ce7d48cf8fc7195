import { randomBytes } from 'node:crypto';
import { createDataItem, ed25519Signer, signatureTypes } from '@bundler/ans104';
import { Redis } from 'ioredis';
import { Platform, testWalletFile, until } from '../src/index.ts';
import { LiveSettingsFile } from '../src/live-settings-file.ts';
import { MultipartClient } from '../src/multipart/multipart-client.ts';
import { objectFiles } from '../src/object-files.ts';

const KiB = 1024;
const QUOTA = 100 * KiB;
const CHUNK = 2 * KiB;
/** Of items; what is above is never free. */
const FREE_LIMIT = 4 * KiB * KiB;
const USED_UP = [402, 'Insufficient balance: the bytes that your address may send for free are used up for now.'];

describe('the free quota of an address, with two upload APIs behind one proxy', () => {
  const signer = ed25519Signer(randomBytes(32));
  const listed = ed25519Signer(randomBytes(32));
  const common = {
    RAW_DATA_UPLOADS_ENABLED: 'true',
    ALLOW_LISTED_ADDRESSES: signatureTypes[2].nativeAddress(listed.owner),
  };
  const limited = { ...common, FREE_QUOTA_BYTES: String(QUOTA) };
  let live: LiveSettingsFile;
  let wallet: Awaited<ReturnType<typeof testWalletFile>>;
  let platform: Platform;
  let urls: string[];
  let clients = 0;
  let turn = 0;

  beforeAll(async () => {
    live = await LiveSettingsFile.create();
    wallet = await testWalletFile();
    const env = {
      LIVE_SETTINGS_FILE: live.path,
      RAW_DATA_WALLET_FILE: wallet.path,
      TRUSTED_PROXIES: '1',
      FREE_UPLOAD_LIMIT: String(FREE_LIMIT),
      MULTIPART_MIN_CHUNK_SIZE: String(CHUNK),
    };
    platform = await Platform.start({ apis: 2, env });
    urls = platform.of('upload').map(({ url }) => url);
  }, 60_000);
  afterAll(async () => {
    await platform?.stop();
    await wallet?.remove();
    await live?.remove();
  });

  /** An address that nobody has sent from yet. */
  function newClient(): string {
    clients += 1;
    return `203.0.113.${clients}`;
  }

  async function send(client: string, path: string, body: Uint8Array): Promise<(number | string)[]> {
    turn += 1;
    const headers = { 'content-type': 'application/octet-stream', 'x-forwarded-for': client };
    const init = { method: 'POST', headers, body: new Uint8Array(body) };
    const answer = await fetch(urls[turn % urls.length]! + path, init);
    const text = await answer.text();
    return answer.status === 200 ? [200] : [answer.status, text];
  }
  const post = async (client: string, byteCount: number, by = signer) =>
    send(client, '/v1/tx', await createDataItem({ signer: by, data: randomBytes(byteCount) }));
  const postRaw = (client: string, byteCount: number) =>
    send(client, '/v1/x402/upload/unsigned', randomBytes(byteCount));

  async function counted(): Promise<string[]> {
    const redis = new Redis(platform.servers.cache.running.url);
    try {
      return await redis.keys('rate:free:*');
    } finally {
      redis.disconnect();
    }
  }

  it('is none by default: nothing is counted', async () => {
    await live.change(platform, common);
    const client = newClient();
    for (let sent = 0; sent < 4; sent += 1) expect(await post(client, 2 * QUOTA)).toEqual([200]);
    expect(await counted()).toEqual([]);
  });

  it('counts what an address sends through whichever API, signed or not, and refuses with 402 what is above', async () => {
    await live.change(platform, limited);
    const client = newClient();
    expect(await post(client, 40 * KiB)).toEqual([200]);
    expect(await postRaw(client, 40 * KiB)).toEqual([200]);
    for (let sent = 0; sent < 2; sent += 1) {
      expect(await post(client, 40 * KiB)).toEqual(USED_UP);
      expect(await postRaw(client, 40 * KiB)).toEqual(USED_UP);
    }
    // What is refused uses nothing up; what clients write left of the proxy's word does not count.
    expect(await post(`198.51.100.1, ${client}`, 10 * KiB)).toEqual([200]);
    expect(await post(`198.51.100.1, ${client}`, 40 * KiB)).toEqual(USED_UP);
    expect(await post(newClient(), 40 * KiB)).toEqual([200]);
    expect(await post(client, 40 * KiB, listed)).toEqual([200]);
  });

  it('is one for a /64 of IPv6, and is kept when many send at once', async () => {
    await live.change(platform, limited);
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) => post(`2001:db8::${index + 1}`, 18 * KiB)),
    );
    expect(answers.filter(([status]) => status === 200)).toHaveLength(5);
  });

  it('refuses a large item before it is stored, and leaves alone what is not free for its size', async () => {
    await live.change(platform, limited);
    const before = await objectFiles(platform.objectsDirectory);
    const client = newClient();
    expect(await post(client, 2 * KiB * KiB)).toEqual(USED_UP);
    expect(await postRaw(client, 2 * KiB * KiB)).toEqual(USED_UP);
    expect(await post(client, FREE_LIMIT)).toEqual([402, 'Insufficient balance']);
    expect([...(await objectFiles(platform.objectsDirectory)).keys()].filter((key) => !before.has(key))).toEqual([]);
    expect(await post(client, 90 * KiB)).toEqual([200]);
  });

  it('counts an item in parts when it is to be finalized', async () => {
    await live.change(platform, limited);
    const client = newClient();
    async function finalize(byteCount: number): Promise<(number | string)[]> {
      const uploads = new MultipartClient(urls[0]!);
      const uploadId = await uploads.open(CHUNK);
      const bytes = await createDataItem({ signer, data: randomBytes(byteCount) });
      await uploads.sendAll(uploadId, bytes, CHUNK);
      return send(client, `/v1/chunks/arweave/${uploadId}/-1`, new Uint8Array());
    }
    expect(await finalize(10 * KiB)).toEqual([200]);
    expect(await post(client, 85 * KiB)).toEqual([200]);
    expect(await finalize(10 * KiB)).toEqual(USED_UP);
  });

  it('is there again when the window is over', async () => {
    await live.change(platform, { ...limited, FREE_QUOTA_WINDOW_MS: '1000' });
    const client = newClient();
    expect(await post(client, 90 * KiB)).toEqual([200]);
    await until(async () => (await post(client, 90 * KiB))[0] === 200);
    await live.change(platform, common);
    for (let sent = 0; sent < 2; sent += 1) expect(await post(client, 90 * KiB)).toEqual([200]);
  });

  it('is not kept while the Redis that counts is gone, which is told', async () => {
    await live.change(platform, limited);
    const client = newClient();
    expect(await post(client, 90 * KiB)).toEqual([200]);
    await platform.servers.cache.end((running) => running.stop());
    const before = await skipped();
    for (let sent = 0; sent < 4; sent += 1) expect(await post(client, 90 * KiB)).toEqual([200]);
    expect((await skipped()) - before).toBe(4);
  });

  async function skipped(): Promise<number> {
    const texts = await Promise.all(urls.map(async (url) => (await fetch(`${url}/bundler_metrics`)).text()));
    const lines = texts.flatMap((text) =>
      text
        .split('\n')
        .filter((line) => line.startsWith('rate_limit_decisions_total{tier="free_quota",decision="error"}')),
    );
    return lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
  }
});
