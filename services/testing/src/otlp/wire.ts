/** A field of a protobuf message: a number for fixed and variable-length integers, bytes for everything else. */
type Field = bigint | Buffer;

/** Reads a protobuf message into its fields, each with all its values. @throws Error when it is none */
export function readMessage(bytes: Buffer): Map<number, Field[]> {
  const fields = new Map<number, Field[]>();
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[at++];
      if (byte === undefined) throw new Error('the message ends within a number');
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  const take = (length: number): Buffer => {
    if (at + length > bytes.length) throw new Error('the message ends within a field');
    at += length;
    return bytes.subarray(at - length, at);
  };
  const readers: Record<number, () => Field> = {
    0: varint,
    1: () => take(8).readBigUInt64LE(),
    2: () => take(Number(varint())),
    5: () => BigInt(take(4).readUInt32LE()),
  };
  while (at < bytes.length) {
    const key = Number(varint());
    const read = readers[key & 7];
    if (!read) throw new Error(`no such wire type: ${key & 7}`);
    const number = key >>> 3;
    fields.set(number, [...(fields.get(number) ?? []), read()]);
  }
  return fields;
}
