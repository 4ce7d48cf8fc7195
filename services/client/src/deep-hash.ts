import { type Bytes, concat, utf8 } from './bytes.ts';

/** ANS-104's deep hash (SHA-384) of a flat list, with WebCrypto. */
export async function deepHash(list: readonly Uint8Array[]): Promise<Bytes> {
  let hash = await sha384(utf8(`list${list.length}`));
  for (const blob of list) {
    const tag = await sha384(utf8(`blob${blob.byteLength}`));
    const leaf = await sha384(concat(tag, await sha384(blob)));
    hash = await sha384(concat(hash, leaf));
  }
  return hash;
}

async function sha384(bytes: Uint8Array): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.digest('SHA-384', bytes as Bytes));
}
