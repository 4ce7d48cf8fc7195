/**
 * Signers that need nothing but WebCrypto: they run in browsers as they are. The item is in memory while it is signed,
 * because WebCrypto hashes only what it is given whole.
 */
import { concat, fromBase64Url, toBase64Url, utf8 } from './bytes.ts';
import { deepHash } from './deep-hash.ts';
import type { ArweaveJwk, ItemSigner, Tag } from './signers.ts';

/** A key as WebCrypto holds it; it may be one that cannot be exported. */
export type WebKey = Parameters<typeof crypto.subtle.sign>[1];

/** What signs the deep hash of an item, and who it is. */
interface Scheme {
  readonly signatureType: 1 | 2;
  readonly owner: Uint8Array;
  readonly sign: (message: Uint8Array<ArrayBuffer>) => Promise<ArrayBuffer>;
}

/** As the network's wallets do it; verifiers take any length. */
const PSS_SALT_BYTES = 32;

/** Signs with an Arweave wallet. @throws TypeError when the JWK is no private RSA key of 4096 bits */
export function webArweaveSigner(jwk: ArweaveJwk): ItemSigner {
  if (jwk.kty !== 'RSA' || !jwk.d || fromBase64Url(jwk.n ?? '').byteLength !== 512) {
    throw new TypeError(
      'The Arweave key must be a private RSA-4096 key as a JWK with kty, n, e, d; give the wallet file',
    );
  }
  const owner = fromBase64Url(jwk.n);
  // A wallet file may say more than WebCrypto wants to hear, such as other uses of the key.
  const { kty, n, e, d, p, q, dp, dq, qi } = jwk;
  const parts = Object.entries({ kty, n, e, d, p, q, dp, dq, qi }).filter(([, part]) => part !== undefined);
  const key = crypto.subtle.importKey('jwk', Object.fromEntries(parts), { name: 'RSA-PSS', hash: 'SHA-256' }, false, [
    'sign',
  ]);
  // It is reported when it is first used.
  key.catch(() => undefined);
  return itemSigner(async () => ({
    signatureType: 1,
    owner,
    sign: async (message) => crypto.subtle.sign({ name: 'RSA-PSS', saltLength: PSS_SALT_BYTES }, await key, message),
  }));
}

/** Signs with an Ed25519 key pair of WebCrypto, such as `crypto.subtle.generateKey('Ed25519', false, ['sign'])` makes. */
export function webEd25519Signer(pair: { readonly privateKey: WebKey; readonly publicKey: WebKey }): ItemSigner {
  return itemSigner(async () => ({
    signatureType: 2,
    owner: new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey)),
    sign: (message) => crypto.subtle.sign('Ed25519', pair.privateKey, message),
  }));
}

function itemSigner(open: () => Promise<Scheme>): ItemSigner {
  return async (data, tags) => {
    const { signatureType, owner, sign } = await open();
    const rawTags = encodeTags(tags);
    const none = new Uint8Array(0);
    const fields = [utf8('dataitem'), utf8('1'), utf8(String(signatureType)), owner, none, none, rawTags, data];
    const signature = new Uint8Array(await sign(await deepHash(fields)));
    const id = toBase64Url(new Uint8Array(await crypto.subtle.digest('SHA-256', signature)));
    // No target, no anchor.
    const flags = new Uint8Array(2);
    const counts = concat(littleEndian(tags.length, 8), littleEndian(rawTags.byteLength, 8));
    const bytes = concat(littleEndian(signatureType, 2), signature, owner, flags, counts, rawTags, data);
    return { id, bytes };
  };
}

/** One Avro block of (name, value) records; no tags are no bytes. */
function encodeTags(tags: readonly Tag[]): Uint8Array {
  if (tags.length === 0) return new Uint8Array(0);
  const texts = tags.flatMap(({ name, value }) => [name, value]).map(utf8);
  return concat(avroLong(tags.length), ...texts.flatMap((text) => [avroLong(text.byteLength), text]), avroLong(0));
}

/** Zigzag, then groups of seven bits; ours are never negative. */
function avroLong(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value * 2;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80);
  return Uint8Array.from([...bytes, rest]);
}

function littleEndian(value: number, byteCount: number): Uint8Array {
  const bytes = new Uint8Array(byteCount);
  for (let index = 0, rest = value; rest > 0; index += 1, rest = Math.floor(rest / 256)) bytes[index] = rest % 256;
  return bytes;
}
