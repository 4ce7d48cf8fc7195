/**
 * Receipt verification with WebCrypto alone, so that it runs in browsers too.
 * Format: RSA-PSS, SHA-256, salt length 0, over the ANS-104 deep hash of
 * ["Bundlr", version, id, deadlineHeight, timestamp], numbers as decimal text.
 */
import type { Receipt } from '@bundler/contract';

type Bytes = Uint8Array<ArrayBuffer>;

/**
 * Whether the key inside the receipt signed it. Compare `addressOf(receipt.public)` with an address you trust:
 * anyone can sign with a key of their own.
 */
export async function isReceiptSigned(receipt: Receipt): Promise<boolean> {
  const { version, id, deadlineHeight, timestamp } = receipt;
  const fields = ['Bundlr', version, id, String(deadlineHeight), String(timestamp)];
  const message = await deepHash(fields.map((field) => new TextEncoder().encode(field)));
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

/** ANS-104's deep hash (SHA-384) of a flat list. */
async function deepHash(list: readonly Bytes[]): Promise<Bytes> {
  let hash = await sha384(new TextEncoder().encode(`list${list.length}`));
  for (const blob of list) {
    const tag = await sha384(new TextEncoder().encode(`blob${blob.byteLength}`));
    const leaf = await sha384(concat(tag, await sha384(blob)));
    hash = await sha384(concat(hash, leaf));
  }
  return hash;
}

async function sha384(bytes: Bytes): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.digest('SHA-384', bytes));
}

function concat(a: Bytes, b: Bytes): Bytes {
  const out = new Uint8Array(a.byteLength + b.byteLength);
  out.set(a);
  out.set(b, a.byteLength);
  return out;
}

function fromBase64Url(text: string): Bytes {
  return Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (char) => char.charCodeAt(0));
}

function toBase64Url(bytes: Bytes): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
}
