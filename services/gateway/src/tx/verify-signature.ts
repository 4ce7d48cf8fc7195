import { constants, createHash, createPublicKey, verify } from 'node:crypto';
import transactionModule from 'arweave/node/lib/transaction.js';
import type { Refusal } from '../refusal.ts';
import type { TxHeader } from './tx-header.ts';

const Transaction = transactionModule.default;
const FAILED: Refusal = { status: 400, text: 'Transaction verification failed.' };

/**
 * Judges id and RSA-PSS signature (any salt length). What was signed is computed by arweave-js, so that this
 * gateway shares no code with the bundler it tests.
 */
export async function judgeSignature(header: TxHeader): Promise<Refusal | undefined> {
  const signature = Buffer.from(header.signature, 'base64url');
  const id = createHash('sha256').update(signature).digest('base64url');
  if (id !== header.id) return { status: 400, text: 'Invalid hash.' };
  const signed = await new Transaction({
    ...header,
    tags: header.tags.map((tag) => ({ ...tag })) as never,
  }).getSignatureData();
  return (await isSignedBy(header.owner, signed, signature)) ? undefined : FAILED;
}

/** The callback form of `verify` runs on the thread pool; a modulus OpenSSL will not take counts as "no". */
function isSignedBy(owner: string, signed: Uint8Array, signature: Buffer): Promise<boolean> {
  return new Promise<boolean>((resolve) => {
    const key = createPublicKey({ key: { kty: 'RSA', n: owner, e: 'AQAB' }, format: 'jwk' });
    const padding = constants.RSA_PKCS1_PSS_PADDING;
    const saltLength = constants.RSA_PSS_SALTLEN_AUTO;
    verify('sha256', signed, { key, padding, saltLength }, signature, (error, valid) => resolve(!error && valid));
  }).catch(() => false);
}
