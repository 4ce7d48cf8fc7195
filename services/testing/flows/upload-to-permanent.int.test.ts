import { createHash, randomBytes } from 'node:crypto';
import { arweaveSigner, ethereumSigner } from '@bundler/client';
import { Platform, testWallet } from '../src/index.ts';

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

describe('from upload to permanent', () => {
  let platform: Platform;
  beforeAll(async () => {
    platform = await Platform.start();
  }, 60_000);
  afterAll(() => platform?.stop());

  it.each(['Arweave', 'Ethereum'])(
    'an item signed with an %s key becomes permanent and reads back',
    async (kind) => {
      const signer =
        kind === 'Arweave' ? arweaveSigner(await testWallet()) : ethereumSigner(randomBytes(32).toString('hex'));
      const client = platform.client();
      const content = randomBytes(100_000);

      const receipt = await client.upload(content, { signer, tags: [{ name: 'Content-Type', value: 'image/png' }] });
      expect(await client.verifyReceipt(receipt)).toBe(true);
      expect(await client.status(receipt.id)).toMatchObject({
        status: 'CONFIRMED',
        rawContentLength: expect.any(Number),
      });

      const status = await client.waitFor(receipt.id, 'permanent', { intervalMs: 50, timeoutMs: 30_000 });
      expect(status).toMatchObject({ status: 'FINALIZED', info: 'permanent', winc: '0' });

      const answer = await client.download(receipt.id);
      expect(answer.headers.get('content-type')).toBe('image/png');
      expect(sha256(new Uint8Array(await answer.arrayBuffer()))).toBe(sha256(content));
      expect(platform.gateway.placesOf(receipt.id)).toHaveLength(1);
    },
    60_000,
  );

  it('the gateway got everything by POST /tx and POST /chunk alone', () => {
    const posts = Object.keys(platform.gateway.requests.all()).filter((route) => route.startsWith('POST'));
    expect(posts.sort()).toEqual(['POST /chunk', 'POST /tx']);
  });
});
