import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';

/**
 * Posts an item by one request, its payload as it comes: nothing of it is ever in memory as a whole.
 *
 * @param byteCount bytes of header and payload
 * @throws Error for every answer but 200
 */
export async function postStream(
  url: string,
  header: Buffer,
  payload: AsyncIterable<Buffer>,
  byteCount: number,
): Promise<void> {
  const headers = { 'content-type': 'application/octet-stream', 'content-length': byteCount };
  const sending = request(url, { method: 'POST', headers });
  const answered = once(sending, 'response') as Promise<[IncomingMessage]>;
  sending.write(header);
  for await (const piece of payload) {
    if (!sending.write(piece)) await Promise.race([once(sending, 'drain'), answered]);
  }
  sending.end();
  const [response] = await answered;
  let text = '';
  for await (const piece of response) text += piece;
  if (response.statusCode !== 200) throw new Error(`${url} answered ${response.statusCode}: ${text}`);
}
