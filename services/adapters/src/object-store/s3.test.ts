import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { S3ObjectStore } from './s3.ts';

describe('S3 object store before a server that', () => {
  let server: Server;
  let open: Set<Socket>;
  let store: S3ObjectStore;

  beforeEach(async () => {
    open = new Set();
    server = createServer((socket) => {
      open.add(socket);
      socket.on('error', () => undefined);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    store = new S3ObjectStore({
      endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      region: 'us-east-1',
      bucket: 'bucket',
      forcePathStyle: true,
      maxSockets: 4,
      partSize: 5 * 1024 * 1024,
      accessKeyId: 'test-only',
      secretAccessKey: 'test-only',
      idleTimeout: 50,
    });
  });
  afterEach(async () => {
    await store.close();
    for (const socket of open) socket.destroy();
    server.close();
  });

  it('takes requests and never answers: fails instead of waiting for ever', async () => {
    await expect(store.put('segments/a', [Buffer.from('a')])).rejects.toThrow(/timed out|timeout/i);
    expect(open.size).toBeGreaterThan(1);
  });

  it('is gone: says which bucket it was', async () => {
    server.close();
    await once(server, 'close');
    await expect(store.check()).rejects.toThrow(
      /^bucket bucket at http:\/\/127.0.0.1:\d+ cannot be used: .*ECONNREFUSED/,
    );
  });
});
