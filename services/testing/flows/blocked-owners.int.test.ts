import { randomBytes } from 'node:crypto';
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
  let live: LiveSettingsFile;
  let platform: Platform;
  let url: string;
  let uploads: MultipartClient;

  beforeAll(async () => {
    live = await LiveSettingsFile.create();
    const env = {
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

  it('are refused when they send an item in parts, and their parts are freed', async () => {
    const signer = ed25519Signer(randomBytes(32));
    await live.change(platform, { BLOCKED_ADDRESSES: signatureTypes[2].nativeAddress(signer.owner) });
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
    expect(await metric('multipart_uploads_total{outcome="blocked"}', 'workers')).toBe(1);
    expect(await metric('upload_errors_total{code="blocked_owner"}', 'workers')).toBe(1);
  }, 30_000);
});
