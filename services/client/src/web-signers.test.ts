import { generateKeyPairSync } from 'node:crypto';
import { verifyDataItem } from '@bundler/ans104';
import { DataItem } from 'arbundles';
import { type ArweaveJwk, type ItemSigner, webArweaveSigner, webEd25519Signer } from './index.ts';

const tags = [
  { name: 'Content-Type', value: 'text/plain' },
  { name: 'Title', value: 'Grüße, 世界' },
  { name: 'Long', value: 'x'.repeat(3000) },
];
const data = Buffer.from('signed with WebCrypto alone');

async function ed25519(): Promise<ItemSigner> {
  const pair = await crypto.subtle.generateKey('Ed25519', false, ['sign', 'verify']);
  return webEd25519Signer(pair as Parameters<typeof webEd25519Signer>[0]);
}

function wallet(modulusLength: number): ArweaveJwk {
  return generateKeyPairSync('rsa', { modulusLength }).privateKey.export({ format: 'jwk' }) as unknown as ArweaveJwk;
}

describe('signers of WebCrypto', () => {
  it.each([
    ['Ed25519', 2, ed25519],
    ['Arweave', 1, async () => webArweaveSigner({ ...wallet(4096), use: 'sig', key_ops: ['verify'] } as ArweaveJwk)],
  ] as const)('make items that the service and arbundles accept: %s', async (_name, signatureType, open) => {
    const signer = await open();
    for (const [payload, some] of [
      [data, tags],
      [data, []],
      [Buffer.alloc(0), tags],
    ] as const) {
      const item = await signer(payload, some);
      const verified = await verifyDataItem(Buffer.from(item.bytes));
      expect(verified.valid).toBe(true);
      expect(verified.header).toMatchObject({ signatureType, tags: some });
      expect(verified.header.id.toString('base64url')).toBe(item.id);
      expect(await DataItem.verify(Buffer.from(item.bytes))).toBe(true);
      expect(new DataItem(Buffer.from(item.bytes)).rawData).toEqual(payload);
    }
  });

  it('refuse a key that is no Arweave wallet', () => {
    const { n, e } = wallet(2048);
    for (const key of [{ kty: 'RSA', n, e }, wallet(2048), { kty: 'EC', n, e, d: n }]) {
      expect(() => webArweaveSigner(key)).toThrow(/RSA-4096/);
    }
  });
});
