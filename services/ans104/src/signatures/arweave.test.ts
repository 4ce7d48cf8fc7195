import { constants, createPrivateKey, sign } from 'node:crypto';
import { testWallet } from '../../vectors/parties.ts';
import { arweaveSigner, generateJwk } from '../index.ts';
import { arweave } from './arweave.ts';

const message = Buffer.alloc(48, 1);
const { owner } = arweaveSigner(testWallet);

describe('an Arweave signature', () => {
  it.each([
    ['32 bytes', 32],
    ['no', 0],
    ['the longest', constants.RSA_PSS_SALTLEN_MAX_SIGN],
  ])('is valid with %s salt', async (_, saltLength) => {
    const key = createPrivateKey({ key: { ...testWallet }, format: 'jwk' });
    const signature = sign('sha256', message, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength });
    expect(await arweave.verify(message, signature, owner)).toBe(true);
    expect(await arweave.verify(Buffer.alloc(48, 2), signature, owner)).toBe(false);
  });

  it.each([0, 1, 2, 0xff])('is not valid for a modulus of bytes %i, which is no key', async (byte) => {
    expect(await arweave.verify(message, Buffer.alloc(512, 1), Buffer.alloc(512, byte))).toBe(false);
  });

  it('is not made with a key of another size', () => {
    expect(() => arweaveSigner({ ...testWallet, n: 'AQAB' })).toThrow();
  });

  it('is made with keys that are made here', async () => {
    const signer = arweaveSigner(await generateJwk());
    expect(signer.owner).toHaveLength(512);
    expect(await arweave.verify(message, await signer.sign(message), signer.owner)).toBe(true);
  });
});
