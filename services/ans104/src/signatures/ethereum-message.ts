import { keccak256 } from './keccak256.ts';

/** The bytes of an owner of type 7: "0x" and forty hex digits, in ASCII. */
export const TYPED_OWNER_BYTES = 42;

const ADDRESS_WORD_BYTES = 32;
const TYPED_PREFIX = Buffer.from([0x19, 0x01]);

const structTypeHash = keccak256(Buffer.from('Bundlr(bytes Transaction hash,address address)'));
const domainSeparator = keccak256(
  keccak256(Buffer.from('EIP712Domain(string name,string version)')),
  keccak256(Buffer.from('Bundlr')),
  keccak256(Buffer.from('1')),
);

/** The digest of a personal message (EIP-191, version 0x45) of these bytes. */
export function personalDigest(message: Uint8Array): Buffer {
  return keccak256(Buffer.from(`\x19Ethereum Signed Message:\n${message.length}`), message);
}

/** The digest of the typed data (EIP-712) that wallets show for a data item: the deep hash and the signer's address. */
export function typedDigest(message: Uint8Array, address: Uint8Array): Buffer {
  const word = Buffer.alloc(ADDRESS_WORD_BYTES);
  word.set(address, ADDRESS_WORD_BYTES - address.length);
  return keccak256(TYPED_PREFIX, domainSeparator, keccak256(structTypeHash, keccak256(message), word));
}
