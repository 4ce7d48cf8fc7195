import createKeccakHash from 'keccak';

/** Keccak-256 as Ethereum uses it, which is not NIST's SHA3-256 and which OpenSSL does not offer through Node. */
export function keccak256(...parts: Uint8Array[]): Buffer {
  const state = createKeccakHash('keccak256');
  for (const part of parts) state.update(asBuffer(part));
  return state.digest();
}

/** The library takes Buffers only; this is a view, not a copy. */
function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
