/** Encodes a stream of bytes as base64url without padding: three bytes at a time, so that parts can be joined. */
export async function* base64UrlStream(parts: AsyncIterable<Buffer>): AsyncGenerator<string> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const part of parts) {
    const bytes = Buffer.concat([rest, part]);
    const whole = bytes.length - (bytes.length % 3);
    rest = bytes.subarray(whole);
    if (whole > 0) yield bytes.toString('base64url', 0, whole);
  }
  if (rest.length > 0) yield rest.toString('base64url');
}
