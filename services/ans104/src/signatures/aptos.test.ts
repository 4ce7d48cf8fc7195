import { hash } from 'node:crypto';
import { MultiSignatureAptosSigner } from 'arbundles';
import { testSecret } from '../../vectors/parties.ts';
import { ed25519Signer, multiAptosSigner } from '../index.ts';
import { multiAptos } from './aptos.ts';

const message = Buffer.alloc(48, 1);
const members = ['a', 'b', 'c'].map((label) => ({ seed: testSecret(label) }));
const THRESHOLD_AT = 1024;

describe('a multi-signature account', () => {
  it('needs as many signatures as its threshold says', async () => {
    const { owner } = multiAptosSigner(members, 2);
    const [first, second, third] = members;
    const one = await multiAptosSigner(
      [first!, { publicKey: keyAt(owner, 1) }, { publicKey: keyAt(owner, 2) }],
      2,
    ).sign(message);
    const two = await multiAptosSigner([{ publicKey: keyAt(owner, 0) }, second!, third!], 2).sign(message);
    expect(await multiAptos.verify(message, one, owner)).toBe(false);
    expect(await multiAptos.verify(message, two, owner)).toBe(true);
  });

  it('is not satisfied by no signature at all, which arbundles takes', async () => {
    const { owner } = multiAptosSigner(members, 2);
    const nothing = Buffer.alloc(multiAptos.signatureLength);
    expect(await MultiSignatureAptosSigner.verify(owner, message, nothing)).toBe(true);
    expect(await multiAptos.verify(message, nothing, owner)).toBe(false);
  });

  it('does not count signatures for the zeros that fill it up, which arbundles does', async () => {
    const { owner } = multiAptosSigner(members, 1);
    const signature = Buffer.alloc(multiAptos.signatureLength);
    signature.set(forgeForZeroKey(), 31 * 64);
    signature[multiAptos.signatureLength - 1] = 1;
    expect(await MultiSignatureAptosSigner.verify(owner, message, signature)).toBe(true);
    expect(await multiAptos.verify(message, signature, owner)).toBe(false);
  });

  it.each([
    ['a digit in ASCII, as clients write it', 0x33, true],
    ['a number, as Aptos writes it', 3, true],
    ['more than there are signatures', 4, false],
    ['zero', 0, false],
    ['zero in ASCII', 0x30, false],
    ['beyond all keys', 255, false],
  ])('reads its threshold when it is %s', async (_, byte, expected) => {
    const signer = multiAptosSigner(members, 3);
    const owner = Buffer.from(signer.owner);
    owner[THRESHOLD_AT] = byte;
    expect(await multiAptos.verify(message, await signer.sign(message), owner)).toBe(expected);
  });

  it('has no signature beside those its bitmap names', async () => {
    const signer = multiAptosSigner(members, 3);
    const signature = await signer.sign(message);
    signature[20 * 64] = 1;
    expect(await multiAptos.verify(message, signature, signer.owner)).toBe(false);
  });

  it.each([0, 4, 1.5])('cannot be made with three keys and a threshold of %d', (threshold) => {
    expect(() => multiAptosSigner(members, threshold)).toThrow('it must be 1 to 3');
  });
});

function keyAt(owner: Buffer, index: number): Buffer {
  return owner.subarray(index * 32, (index + 1) * 32);
}

/**
 * A signature for the all-zero key, made with no secret: the key is a point of order four, which drops out of a check
 * that clears the cofactor, and S·B = R is all that is left. A public key whose scalar is known serves as R.
 */
function forgeForZeroKey(): Buffer {
  const order = 2n ** 252n + 27742317777372353535851937790883648493n;
  const seed = testSecret('forger');
  const scalar = BigInt(`0x${hash('sha512', seed, 'buffer').subarray(0, 32).reverse().toString('hex')}`);
  const clamped = (scalar & ((1n << 254n) - 8n)) | (1n << 254n);
  const s = Buffer.from((clamped % order).toString(16).padStart(64, '0'), 'hex').reverse();
  return Buffer.concat([ed25519Signer(seed).owner, s]);
}
