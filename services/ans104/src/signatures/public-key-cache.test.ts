import { createPublicKey } from 'node:crypto';
import { PublicKeyCache } from './public-key-cache.ts';

describe('PublicKeyCache', () => {
  it('keeps the keys used last and no more than it may', () => {
    const created: number[] = [];
    const cache = new PublicKeyCache((owner) => {
      created.push(owner[0] ?? -1);
      return createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: owner.toString('base64url') }, format: 'jwk' });
    }, 2);
    for (const byte of [1, 2, 1, 3, 1, 2]) cache.get(Buffer.alloc(32, byte));
    expect(created).toEqual([1, 2, 3, 2]);
    expect(cache.size).toBe(2);
  });
});
