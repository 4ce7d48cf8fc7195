import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import { base58 } from '@scure/base';
import { DataItem } from 'arbundles';
import { arweaveSigner, ethereumSigner, type ItemSigner, solanaSigner } from './signers.ts';

const jwk = generateKeyPairSync('rsa', { modulusLength: 4096 }).privateKey.export({ format: 'jwk' }) as Parameters<
  typeof arweaveSigner
>[0];
const hexKey = randomBytes(32).toString('hex');

function solanaKey(): string {
  const { d, x } = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' });
  return base58.encode(Buffer.concat([Buffer.from(d as string, 'base64url'), Buffer.from(x as string, 'base64url')]));
}

describe('signers', () => {
  it.each<[string, number, ItemSigner]>([
    ['Arweave', 1, arweaveSigner(jwk)],
    ['Ethereum', 3, ethereumSigner(`0x${hexKey}`)],
    ['Solana', 4, solanaSigner(solanaKey())],
  ])('make valid items that carry data and tags: %s', async (_chain, type, signer) => {
    const { id, bytes } = await signer(Buffer.from('hello'), [{ name: 'Content-Type', value: 'text/plain' }]);
    const item = new DataItem(Buffer.from(bytes));
    expect(await DataItem.verify(Buffer.from(bytes))).toBe(true);
    expect(item).toMatchObject({ id, signatureType: type, tags: [{ name: 'Content-Type', value: 'text/plain' }] });
    expect(item.rawData.toString()).toBe('hello');
  });

  it('sign bytes that are a part of a larger buffer', async () => {
    const { bytes } = await ethereumSigner(hexKey)(Buffer.from('xxhelloxx').subarray(2, 7), []);
    expect(new DataItem(Buffer.from(bytes)).rawData.toString()).toBe('hello');
  });

  it('refuse keys of the wrong form without repeating them', () => {
    expect(() => arweaveSigner({ kty: 'RSA', n: jwk.n, e: 'AQAB' })).toThrow(/private RSA key/);
    expect(() => ethereumSigner('c0ffee')).toThrow(
      'The Ethereum key must be 64 hexadecimal digits, but has 6 characters',
    );
    expect(() => solanaSigner('0OIl')).toThrow(/64 byte secret key as base58/);
  });

  it('print nothing of their key', () => {
    const signer = ethereumSigner(hexKey);
    expect(`${inspect(signer, { depth: 9, showHidden: true })}${JSON.stringify({ signer })}`).not.toContain(hexKey);
  });
});
