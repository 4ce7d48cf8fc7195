import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { asServer } from '../child.ts';

/** The least a large upload costs: its bytes are received and go through SHA-384, in one thread. */
const server = createServer((request, response) => {
  const hash = createHash('sha384');
  request.on('data', (piece: Buffer) => hash.update(piece));
  request.on('end', () => response.end(hash.digest('base64url')));
});
server.requestTimeout = 0;
server.listen(0, '127.0.0.1', () => asServer((server.address() as AddressInfo).port));
