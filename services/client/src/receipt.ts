/**
 * Receipt verification with WebCrypto alone, so that it runs in browsers too.
 * Format: RSA-PSS, SHA-256, salt length 0, over the ANS-104 deep hash of
 * ["Bundlr", version, id, deadlineHeight, timestamp], numbers as decimal text.
 */
import type { Receipt } from '@bundler/contract';
import { fromBase64Url, toBase64Url, utf8 } from './bytes.ts';
import { deepHash } from './deep-hash.ts';

/**
 * Whether the key inside the receipt signed it. Compare `addressOf(receipt.public)` with an address you trust:
 * anyone can sign with a key of their own.
 */
export async function isReceiptSigned(receipt: Receipt): Promise<boolean> {
  const { version, id, deadlineHeight, timestamp } = receipt;
  const fields = ['Bundlr', version, id, String(deadlineHeight), String(timestamp)];
  const message = await deepHash(fields.map(utf8));
  try {
    const key = await crypto.subtle.importKey(
      'jwk',
      { kty: 'RSA', n: receipt.public, e: 'AQAB' },
      { name: 'RSA-PSS', hash: 'SHA-256' },
      false,
      ['verify'],
    );
    return await crypto.subtle.verify(
      { name: 'RSA-PSS', saltLength: 0 },
      key,
      fromBase64Url(receipt.signature),
      message,
    );
  } catch {
    // What is no key or no base64url at all throws; both mean that nobody signed this.
    return false;
  }
}

/** The Arweave address of an RSA modulus: base64url of its SHA-256. */
export async function addressOf(modulus: string): Promise<string> {
  const hash = await crypto.subtle.digest('SHA-256', fromBase64Url(modulus));
  return toBase64Url(new Uint8Array(hash));
}
