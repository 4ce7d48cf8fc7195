import { randomBytes } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import Fastify from 'fastify';
import { asServer } from '../child.ts';

/** Fastify with nothing behind it: takes a body as a buffer, answers a JSON of a receipt's size. */
const answer = {
  id: randomBytes(32).toString('base64url'),
  owner: randomBytes(32).toString('base64url'),
  timestamp: 1_700_000_000_000,
  winc: '0',
  version: '0.2.0',
  deadlineHeight: 1_000_000,
  dataCaches: [],
  fastFinalityIndexes: [],
  public: randomBytes(512).toString('base64url'),
  signature: randomBytes(512).toString('base64url'),
};
const app = Fastify();
app.removeAllContentTypeParsers();
app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
app.post('/', async () => answer);
await app.listen({ host: '127.0.0.1', port: 0 });
asServer((app.server.address() as AddressInfo).port);
