import type { Signer } from 'arbundles';

export interface Tag {
  readonly name: string;
  readonly value: string;
}

/** A data item, ready to be uploaded. */
export interface SignedItem {
  readonly id: string;
  readonly bytes: Uint8Array;
}

/**
 * Makes a signed ANS-104 data item of some bytes, all in memory. A function and not an object with a key,
 * so that nothing that prints its arguments can print the key.
 */
export type ItemSigner = (data: Uint8Array, tags: readonly Tag[]) => Promise<SignedItem>;

/** The private RSA key of an Arweave wallet, as its key file holds it. */
export interface ArweaveJwk {
  readonly kty: string;
  readonly n: string;
  readonly e: string;
  readonly d?: string;
  readonly p?: string;
  readonly q?: string;
  readonly dp?: string;
  readonly dq?: string;
  readonly qi?: string;
}

/** Signs with an Arweave wallet. @throws TypeError when the JWK is no private RSA key */
export function arweaveSigner(jwk: ArweaveJwk): ItemSigner {
  if (jwk.kty !== 'RSA' || !jwk.n || !jwk.d) {
    throw new TypeError('The Arweave key must be a private RSA key as a JWK with kty, n, e, d; give the wallet file');
  }
  return signWith(({ ArweaveSigner }) => new ArweaveSigner(jwk));
}

/** Signs with an Ethereum key. @throws TypeError when it is not 32 bytes as hex, with or without `0x` */
export function ethereumSigner(hexKey: string): ItemSigner {
  const key = hexKey.replace(/^0x/, '');
  if (!/^[0-9a-fA-F]{64}$/.test(key)) {
    throw new TypeError(`The Ethereum key must be 64 hexadecimal digits, but has ${key.length} characters`);
  }
  return signWith(({ EthereumSigner }) => new EthereumSigner(key));
}

/** Signs with a Solana key. @throws TypeError when it is not a secret key of 64 bytes as base58 */
export function solanaSigner(base58Key: string): ItemSigner {
  if (!/^[1-9A-HJ-NP-Za-km-z]{80,90}$/.test(base58Key)) {
    throw new TypeError('The Solana key must be the 64 byte secret key as base58, as wallets export it');
  }
  return signWith(({ HexSolanaSigner }) => new HexSolanaSigner(base58Key));
}

/**
 * arbundles loads with the first signature and not with the client: it takes 0.15 s, and those who only
 * upload signed items or ask for a status need none of it.
 */
function signWith(create: (arbundles: typeof import('arbundles')) => Signer): ItemSigner {
  return async (data, tags) => {
    const arbundles = await import('arbundles');
    const signer = create(arbundles);
    const item = arbundles.createData(data, signer, { tags: [...tags] });
    await item.sign(signer);
    return { id: item.id, bytes: item.getRaw() };
  };
}
