import { randomBytes } from 'node:crypto';
import { PassThrough } from 'node:stream';
import { createDataItem, ed25519Signer } from '@bundler/ans104';
import { isReceiptSigned, type Receipt } from '@bundler/client';
import { Ledger } from '../src/chaos/ledger.ts';
import { Platform, until } from '../src/index.ts';
import { type Answer, KeepAliveClient } from '../src/keep-alive-client.ts';
import { objectFiles } from '../src/object-files.ts';

const MiB = 1024 * 1024;
const signer = ed25519Signer(randomBytes(32));
const item = (byteCount: number): Promise<Buffer> => createDataItem({ signer, data: randomBytes(byteCount) });

describe('an upload API that is told to stop', () => {
  let platform: Platform;
  beforeAll(async () => {
    platform = await Platform.start({ workers: 0, env: { FREE_UPLOAD_LIMIT: String(8 * MiB) } });
  }, 60_000);
  afterAll(() => platform?.stop());

  it('finishes the upload under way, answers on open connections and closes them, takes no new ones, exits with 0', async () => {
    const api = platform.of('upload')[0]!;
    const [slowClient, client] = [new KeepAliveClient(api.url, 1), new KeepAliveClient(api.url, 1)];
    const bytes = await item(3 * MiB);
    const body = new PassThrough();
    const slow = slowClient.upload(body);
    body.write(bytes.subarray(0, 2 * MiB));
    // Its object is being written: the upload is half way.
    await until(async () => (await objectFiles(platform.objectsDirectory)).size > 0);
    const before = await client.upload(await item(1000));
    expect([before.status, before.connection]).toEqual([200, 'keep-alive']);

    const exitCode = api.stop();
    await until(async () => (await fetch(`${api.adminUrl}/ready`)).status === 503);
    const during = await client.upload(await item(1000));
    expect([during.status, during.connection]).toEqual([200, 'close']);
    await until(() =>
      fetch(`${api.url}/v1/info`).then(
        () => false,
        () => true,
      ),
    );
    body.end(bytes.subarray(2 * MiB));
    const finished = await slow;
    expect([finished.status, finished.connection]).toEqual([200, 'close']);
    expect(await exitCode).toBe(0);

    await expectKept([before, during, finished]);
    for (const open of [client, slowClient]) open.close();
  }, 30_000);

  async function expectKept(answers: readonly Answer[]): Promise<void> {
    const receipts = answers.map(({ text }) => JSON.parse(text) as Receipt);
    for (const receipt of receipts) expect(await isReceiptSigned(receipt)).toBe(true);
    const ledger = await Ledger.open(platform.database.url);
    try {
      const rows = await ledger.items();
      expect(rows.map(({ id }) => id).sort()).toEqual(receipts.map(({ id }) => id).sort());
      const sizes = await objectFiles(platform.objectsDirectory);
      for (const row of rows) expect(sizes.get(row.objectKey!)).toBeGreaterThanOrEqual(row.end);
    } finally {
      await ledger.close();
    }
  }
});
