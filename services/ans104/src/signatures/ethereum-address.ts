import { keccak256 } from './keccak256.ts';

const ADDRESS_BYTES = 20;

/** The 20 bytes of the address of an uncompressed public key (65 bytes, the first is 4). */
export function ethereumAddress(publicKey: Uint8Array): Buffer {
  return keccak256(publicKey.subarray(1)).subarray(-ADDRESS_BYTES);
}

/** An address as text, with the checksum of EIP-55 in the case of its letters. */
export function checksumAddress(address: Uint8Array): string {
  const digits = Buffer.from(address).toString('hex');
  const sum = keccak256(Buffer.from(digits)).toString('hex');
  const cased = [...digits].map((digit, index) => ((sum.codePointAt(index) ?? 0) > 0x37 ? digit.toUpperCase() : digit));
  return `0x${cased.join('')}`;
}

/**
 * Reads an address in ASCII, as other implementations do: one case throughout, or the checksum of EIP-55.
 *
 * @returns 20 bytes, or `undefined` for anything else
 */
export function readAddress(ascii: Uint8Array): Buffer | undefined {
  const text = Buffer.from(ascii).toString('latin1');
  if (!/^0x[0-9a-fA-F]{40}$/.test(text)) return undefined;
  const digits = text.slice(2);
  const address = Buffer.from(digits, 'hex');
  const uncased = digits === digits.toLowerCase() || digits === digits.toUpperCase();
  return uncased || checksumAddress(address) === text ? address : undefined;
}
