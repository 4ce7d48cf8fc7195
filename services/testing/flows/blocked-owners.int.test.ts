import { randomBytes } from 'node:crypto';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createDataItem,
  ed25519Signer,
  ethereumSigner,
  normalizedAddress,
  type Signer,
  signatureTypes,
} from '@bundler/ans104';
import { Platform, until } from '../src/index.ts';
import { LiveSettingsFile } from '../src/live-settings-file.ts';
import { MultipartClient } from '../src/multipart/multipart-client.ts';
import { objectFiles } from '../src/object-files.ts';

const REFUSED = [403, 'Data items of this signer are not accepted.'];
const SMALL = 500;
const LARGE = 2 * 1024 * 1024;
const CHUNK = 2048;

describe('blocked signers', () => {
  let directory: string;
  let live: LiveSettingsFile;
  let platform: Platform;
  let url: string;
  let uploads: MultipartClient;

  beforeAll(async () => {
    live = await LiveSettingsFile.create();
    directory = await mkdtemp(join(tmpdir(), 'bundler-blocklist-'));
    await writeFile(join(directory, 'addresses'), '');
    const env = {
      BLOCKED_ADDRESSES_FILE: join(directory, 'addresses'),
      LIVE_SETTINGS_FILE: live.path,
      FREE_UPLOAD_LIMIT: String(8 * LARGE),
      MULTIPART_MIN_CHUNK_SIZE: String(CHUNK),
      CLEANUP_INTERVAL_MS: '300',
    };
    platform = await Platform.start({ env });
    url = platform.of('upload')[0]!.url;
    uploads = new MultipartClient(url);
  }, 60_000);
  afterAll(async () => {
    await platform?.stop();
    await live?.remove();
    if (directory) await rm(directory, { recursive: true, force: true });
  });

  const item = (signer: Signer, size: number): Promise<Buffer> => createDataItem({ signer, data: randomBytes(size) });
  async function post(signer: Signer, size: number, token = ''): Promise<(number | string)[]> {
    const headers = { 'content-type': 'application/octet-stream' };
    const body = new Uint8Array(await item(signer, size));
    const answer = await fetch(`${url}/v1/tx${token}`, { method: 'POST', headers, body });
    return answer.status === 200 ? [200] : [answer.status, await answer.text()];
  }
  async function metric(line: string, role: 'upload' | 'workers'): Promise<number> {
    const text = await (await fetch(`${platform.of(role)[0]!.adminUrl}/bundler_metrics`)).text();
    return Number(
      text
        .split('\n')
        .find((candidate) => candidate.startsWith(line))
        ?.split(' ')
        .at(-1) ?? 0,
    );
  }

  it('are refused with 403 from the moment on that they are listed, small and large, and nothing of them is kept', async () => {
    const [solana, ethereum] = [ed25519Signer(randomBytes(32)), ethereumSigner(randomBytes(32))];
    expect([await post(solana, SMALL), await post(ethereum, SMALL)]).toEqual([[200], [200]]);
    const native = signatureTypes[3].nativeAddress(ethereum.owner);
    await live.change(platform, { BLOCKED_ADDRESSES: `${normalizedAddress(solana.owner)},${native.toLowerCase()}` });
    const before = [...(await objectFiles(platform.objectsDirectory)).keys()];
    for (const size of [SMALL, LARGE]) {
      expect(await post(solana, size)).toEqual(REFUSED);
      expect(await post(ethereum, size)).toEqual(REFUSED);
      // Whatever they say that they pay with.
      expect(await post(ethereum, size, '/kyve')).toEqual(REFUSED);
    }
    expect([...(await objectFiles(platform.objectsDirectory)).keys()]).toEqual(before);
    expect(await metric('upload_errors_total{code="blocked_owner"}', 'upload')).toBe(6);
    expect(await post(ed25519Signer(randomBytes(32)), SMALL)).toEqual([200]);
    await live.change(platform, {});
    expect(await post(solana, LARGE)).toEqual([200]);
  }, 30_000);

  it('are refused as well when a file names them, from when it does until it does not, by APIs and workers', async () => {
    await live.change(platform, {});
    const signer = ed25519Signer(randomBytes(32));
    const list = async (text: string, entries: number): Promise<void> => {
      await writeFile(join(directory, 'next'), text);
      await rename(join(directory, 'next'), join(directory, 'addresses'));
      for (const role of ['upload', 'workers'] as const) {
        await until(async () => (await metric('blocklist_entries', role)) === entries);
      }
    };
    expect(await post(signer, SMALL)).toEqual([200]);
    await list(`# spam\n${normalizedAddress(signer.owner)} since today\n`, 1);
    expect(await post(signer, SMALL)).toEqual(REFUSED);
    const uploadId = await uploads.open(CHUNK);
    await uploads.sendAll(uploadId, await item(signer, 3 * CHUNK), CHUNK);
    expect((await uploads.finalizeAndWait(uploadId)).status).toBe(403);
    await list('', 0);
    expect(await post(signer, SMALL)).toEqual([200]);
  }, 30_000);

  it('are refused when they send an item in parts, and their parts are freed', async () => {
    const signer = ed25519Signer(randomBytes(32));
    await live.change(platform, { BLOCKED_ADDRESSES: signatureTypes[2].nativeAddress(signer.owner) });
    const counted = async () =>
      Promise.all(
        ['multipart_uploads_total{outcome="blocked"}', 'upload_errors_total{code="blocked_owner"}'].map((line) =>
          metric(line, 'workers'),
        ),
      );
    const [uploadsBefore, errorsBefore] = await counted();
    const uploadId = await uploads.open(CHUNK);
    await uploads.sendAll(uploadId, await item(signer, 3 * CHUNK), CHUNK);
    for (const ask of [() => uploads.finalizeAndWait(uploadId), () => uploads.finalize(uploadId)]) {
      const answer = await ask();
      expect([answer.status, await answer.text()]).toEqual(REFUSED);
    }
    expect((await uploads.status(uploadId)).status).toBe(403);
    await until(async () => {
      const files = await objectFiles(platform.objectsDirectory);
      return [...files.keys()].every((key) => !key.startsWith('parts/'));
    });
    expect(await counted()).toEqual([uploadsBefore! + 1, errorsBefore! + 1]);
  }, 30_000);
});
