import { constants, createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import type { Receipt } from '@bundler/contract';
import { deepHash, stringToBuffer } from 'arbundles';
import { addressOf, isReceiptSigned } from './receipt.ts';

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const modulus = modulusOf(publicKey);

function modulusOf(key: KeyObject): string {
  return key.export({ format: 'jwk' }).n as string;
}

/** A receipt whose message is hashed by arbundles: the far side of the format is not ours. */
async function signedReceipt(): Promise<Receipt> {
  const facts = { version: '0.2.0', id: 'A'.repeat(43), deadlineHeight: 1_500_200, timestamp: 1_790_000_000_123 };
  const fields = ['Bundlr', facts.version, facts.id, String(facts.deadlineHeight), String(facts.timestamp)];
  const message = await deepHash(fields.map((field) => stringToBuffer(field)));
  const signature = sign('sha256', message, {
    key: privateKey,
    padding: constants.RSA_PKCS1_PSS_PADDING,
    saltLength: 0,
  });
  return {
    ...facts,
    owner: 'B'.repeat(43),
    winc: '0',
    dataCaches: [],
    fastFinalityIndexes: [],
    public: modulus,
    signature: signature.toString('base64url'),
  };
}

describe('isReceiptSigned', () => {
  it('accepts what the key in the receipt signed', async () => {
    expect(await isReceiptSigned(await signedReceipt())).toBe(true);
  });

  it.each([
    ['id', { id: 'C'.repeat(43) }],
    ['version', { version: '0.2.1' }],
    ['deadline', { deadlineHeight: 1_500_201 }],
    ['timestamp', { timestamp: 1_790_000_000_124 }],
    ['key', { public: modulusOf(generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey) }],
  ])('refuses a receipt with another %s', async (_field, change) => {
    expect(await isReceiptSigned({ ...(await signedReceipt()), ...change })).toBe(false);
  });

  it('refuses what is no signature and no key, without throwing', async () => {
    const receipt = await signedReceipt();
    expect(await isReceiptSigned({ ...receipt, signature: 'not base64!' })).toBe(false);
    expect(await isReceiptSigned({ ...receipt, public: '' })).toBe(false);
  });
});

describe('addressOf', () => {
  it('is the base64url of the SHA-256 of the modulus', async () => {
    const expected = createHash('sha256').update(modulus, 'base64url').digest('base64url');
    expect(await addressOf(modulus)).toBe(expected);
  });
});
