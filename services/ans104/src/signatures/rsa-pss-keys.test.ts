import { constants, generateKeyPairSync, type KeyObject, sign, verify } from 'node:crypto';
import { pssPublicKey, unsaltedPssSigner } from './rsa-pss-keys.ts';

const message = Buffer.from('a message');
const padding = constants.RSA_PKCS1_PSS_PADDING;

describe('RSA keys for PSS', () => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const modulus = Buffer.from(publicKey.export({ format: 'jwk' }).n!, 'base64url');
  const signed = (saltLength: number, key: KeyObject = privateKey): Buffer =>
    sign('sha256', message, { key, padding, saltLength });

  it.each([0, 20, 32, 222])('check signatures with a salt of %i bytes', (saltLength) => {
    const key = pssPublicKey(modulus);
    expect(verify('sha256', message, key, signed(saltLength))).toBe(true);
    expect(verify('sha256', Buffer.from('another message'), key, signed(saltLength))).toBe(false);
  });

  it('take no signature with another padding', () => {
    const signature = sign('sha256', message, { key: privateKey, padding: constants.RSA_PKCS1_PADDING });
    expect(verify('sha256', message, pssPublicKey(modulus), signature)).toBe(false);
  });

  it('sign without a salt, so that a message has one signature', async () => {
    const signUnsalted = unsaltedPssSigner(privateKey);
    expect(await signUnsalted(message)).toEqual(signed(0));
    expect(await signUnsalted(message)).toEqual(signed(0));
  });

  it.each([0, 1, 512])('check nothing with a modulus of %i bytes that are no modulus', (length) => {
    expect(verify('sha256', message, pssPublicKey(Buffer.alloc(length)), signed(0))).toBe(false);
  });

  it('take a modulus whose first byte is zero as the number it is', () => {
    const key = pssPublicKey(Buffer.concat([Buffer.of(0), modulus]));
    expect(verify('sha256', message, key, signed(32))).toBe(true);
  });
});
