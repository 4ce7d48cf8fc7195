import { once } from 'node:events';
import { type AddressInfo, connect } from 'node:net';
import Fastify from 'fastify';
import { drainServer } from './drain-server.ts';

const REQUEST = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n';

describe('draining', () => {
  it('answers a request that came in while the process was too busy to read it', async () => {
    const app = Fastify({ forceCloseConnections: false });
    app.get('/', async () => 'answered');
    await app.listen({ host: '127.0.0.1', port: 0 });
    const client = connect((app.server.address() as AddressInfo).port, '127.0.0.1');
    client.write(REQUEST);
    await once(client, 'data');

    const idleGraceMs = 200;
    const drained = drainServer(app, 0, 5000, idleGraceMs);
    const answer = new Promise<string>((resolve, reject) => {
      client.once('data', (bytes) => resolve(String(bytes)));
      client.once('close', () => reject(new Error('closed without an answer')));
    });
    await new Promise((resolve) => setTimeout(resolve, idleGraceMs / 2));
    // Busy in this phase of the event loop and beyond the grace: the timer that looks for idle connections is next.
    setImmediate(() => {
      client.write(REQUEST);
      const end = performance.now() + idleGraceMs;
      while (performance.now() < end);
    });
    expect(await answer).toContain('answered');
    client.destroy();
    await drained;
  });
});
