/**
 * Reads an unsigned little-endian integer.
 *
 * @returns the value, or `undefined` when it is beyond `Number.MAX_SAFE_INTEGER`.
 */
export function readUnsigned(bytes: Uint8Array, offset: number, byteCount: number): number | undefined {
  let value = 0;
  for (let index = offset + byteCount - 1; index >= offset; index -= 1) {
    value = value * 256 + (bytes[index] ?? 0);
    if (value > Number.MAX_SAFE_INTEGER) return undefined;
  }
  return value;
}

/** Writes a non-negative safe integer as little-endian; the bytes above it must already be zero. */
export function writeUnsigned(bytes: Uint8Array, offset: number, value: number): void {
  let rest = value;
  for (let index = offset; rest > 0; index += 1) {
    bytes[index] = rest % 256;
    rest = Math.floor(rest / 256);
  }
}
