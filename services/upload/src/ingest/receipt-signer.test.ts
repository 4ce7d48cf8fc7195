import { generateKeyPairSync } from 'node:crypto';
import type { ReceiptFacts } from '@bundler/adapters';
import { ReceiptSigner, signaturesAtOnce } from './receipt-signer.ts';

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const wallet = { address: 'address', publicKey: 'modulus', privateKey };
const facts: ReceiptFacts = {
  id: Buffer.alloc(32, 1),
  ownerAddress: 'owner',
  receivedAt: 1,
  deadlineHeight: 2,
  winc: '0',
  receiptKey: 'address',
};
const SIGNATURE_MS = 5;

/** One that has found out by its clock that a signature takes so long. */
async function signerAtPace(threads = 3): Promise<ReceiptSigner> {
  let now = 0;
  const signer = new ReceiptSigner({
    wallet,
    cores: 1,
    threads,
    dataCaches: [],
    fastFinalityIndexes: [],
    now: () => (now += SIGNATURE_MS),
  });
  await Promise.all([1, 2, 3].map(() => signer.sign(facts)));
  return signer;
}

describe('signatures at once', () => {
  it('are three a core', () => {
    expect(signaturesAtOnce(2, 8)).toBe(6);
  });

  it('leave two threads to files', () => {
    expect(signaturesAtOnce(8, 12)).toBe(10);
  });

  it('are one at least', () => {
    expect(signaturesAtOnce(1, 2)).toBe(1);
  });
});

describe('the wait for a receipt', () => {
  it('grows with each that is asked for, and is over when they are signed', async () => {
    const signer = await signerAtPace();
    const signing = [1, 2, 3, 4].map(() => signer.sign(facts));
    expect(signer.expectedWaitMs).toBe(4 * SIGNATURE_MS);
    await Promise.all(signing);
    expect(signer.expectedWaitMs).toBe(0);
  });

  it('counts those that the pool was asked for already', async () => {
    const signer = await signerAtPace(8);
    const signing = [1, 2, 3].map(() => signer.sign(facts));
    expect(signer.expectedWaitMs).toBe(3 * SIGNATURE_MS);
    await Promise.all(signing);
  });

  it('is longer for a newcomer: uploads that were admitted before will ask first', async () => {
    const signer = await signerAtPace();
    const { promise: verified, resolve } = Promise.withResolvers<void>();
    const admitted = [1, 2, 3].map(async () => {
      await signer.beforeSigning(() => verified);
      return signer.sign(facts);
    });
    expect(signer.expectedWaitOfNewcomerMs).toBe(3 * SIGNATURE_MS);
    expect(signer.expectedWaitMs).toBe(0);
    resolve();
    await Promise.all(admitted);
    expect(signer.expectedWaitOfNewcomerMs).toBe(0);
  });

  it('is not longer for what was refused meanwhile', async () => {
    const signer = await signerAtPace();
    await expect(signer.beforeSigning(() => Promise.reject(new Error('invalid')))).rejects.toThrow('invalid');
    expect(signer.expectedWaitOfNewcomerMs).toBe(0);
  });
});
