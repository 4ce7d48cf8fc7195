import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import type { Receipt } from '@bundler/contract';
import { DataItem } from 'arbundles';
import { BundlerClient } from './client.ts';
import { BundlerError } from './errors.ts';
import { ethereumSigner } from './signers.ts';

type Handler = (request: IncomingMessage, response: ServerResponse, body: Buffer) => unknown;

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
});

/** A far side that answers as told, and a client of it whose sleeps take no time and are written down. */
async function farSide(handler: Handler) {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    void buffer(request).then((body) => handler(request, response, body));
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const sleeps: number[] = [];
  const sleep = async (ms: number) => void sleeps.push(ms);
  return { url, server, requests, sleeps, client: new BundlerClient({ uploadUrl: `${url}/`, gatewayUrl: url, sleep }) };
}

function json(response: ServerResponse, value: unknown, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}

const receiptOf = (id: string): Receipt => ({
  id,
  owner: 'owner',
  timestamp: 1,
  winc: '0',
  version: '0.2.0',
  deadlineHeight: 2,
  dataCaches: [],
  fastFinalityIndexes: [],
  public: 'AQAB',
  signature: 'AQAB',
});
const signer = ethereumSigner(randomBytes(32).toString('hex'));

describe('BundlerClient.upload', () => {
  it('sends one valid item with the tags given and returns its receipt', async () => {
    let type: string | undefined;
    let valid = false;
    const { client, requests } = await farSide(async (request, response, body) => {
      type = request.headers['content-type'];
      valid = await DataItem.verify(body);
      json(response, receiptOf(new DataItem(body).id));
    });
    const receipt = await client.upload(Buffer.from('hello'), { signer, tags: [{ name: 'App', value: 'test' }] });
    expect(receipt.id).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect({ requests, type, valid }).toEqual({
      requests: ['POST /v1/tx'],
      type: 'application/octet-stream',
      valid: true,
    });
  });

  it('refuses the receipt of another item', async () => {
    const { client } = await farSide((_request, response) => json(response, receiptOf('another')));
    await expect(client.upload(Buffer.from('hello'), { signer })).rejects.toThrow(/got the receipt of another/);
  });

  it('takes the receipt of a duplicate that is answered with 202', async () => {
    const { client } = await farSide((_request, response) => json(response, receiptOf('same'), 202));
    expect((await client.uploadSigned(Buffer.from('item'))).id).toBe('same');
  });

  it('sends the same bytes again after 503, as late as the service asks', async () => {
    const bodies: string[] = [];
    const { client, sleeps } = await farSide((_request, response, body) => {
      bodies.push(body.toString());
      if (bodies.length < 3) response.writeHead(503, { 'retry-after': '2' }).end('The service is busy');
      else json(response, receiptOf('an-id'));
    });
    await client.uploadSigned(Buffer.from('item'));
    expect({ bodies, sleeps }).toEqual({ bodies: ['item', 'item', 'item'], sleeps: [2000, 2000] });
  });

  it('gives up after five tries and tells what the service said', async () => {
    const { client, requests } = await farSide((_request, response) => {
      response.writeHead(503, { 'retry-after': '1' }).end('The service is busy; try again shortly.');
    });
    const error = await client.uploadSigned(Buffer.from('item')).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(BundlerError);
    expect(error).toMatchObject({ status: 503, text: 'The service is busy; try again shortly.', retryAfter: 1 });
    expect(requests).toHaveLength(5);
  });

  it.each([400, 402, 413, 429, 500])('does not repeat what was refused with %i', async (status) => {
    const { client, requests } = await farSide((_request, response) => response.writeHead(status).end('no'));
    await expect(client.uploadSigned(Buffer.from('item'))).rejects.toMatchObject({ status, text: 'no' });
    expect(requests).toHaveLength(1);
  });

  it('tries again when the connection breaks', async () => {
    let calls = 0;
    const { client } = await farSide((request, response) => {
      calls += 1;
      if (calls === 1) request.socket.destroy();
      else json(response, receiptOf('an-id'));
    });
    expect((await client.uploadSigned(Buffer.from('item'))).id).toBe('an-id');
  });

  it('names the address and the cause when nobody listens', async () => {
    const { client, server, url, sleeps } = await farSide(() => undefined);
    await new Promise((resolve) => server.close(resolve));
    await expect(client.uploadSigned(Buffer.from('item'))).rejects.toMatchObject({
      status: 0,
      message: expect.stringMatching(`POST ${url}/v1/tx: no answer: .*ECONNREFUSED`),
    });
    expect(sleeps).toEqual([500, 1000, 2000, 4000]);
  });

  it('says what came instead of JSON', async () => {
    const { client } = await farSide((_request, response) => response.end('<html>a proxy</html>'));
    await expect(client.uploadSigned(Buffer.from('item'))).rejects.toThrow('expected JSON, got <html>a proxy</html>');
  });
});

describe('BundlerClient, reading', () => {
  it('knows nothing of an item that the service does not know', async () => {
    const { client } = await farSide((_request, response) => response.writeHead(404).end('Not found.'));
    expect(await client.status('an-id')).toBeUndefined();
  });

  it('follows an item until it is permanent', async () => {
    const infos = ['new', 'pending', 'permanent'];
    const { client, requests, sleeps } = await farSide((_request, response) => json(response, { info: infos.shift() }));
    const seen: string[] = [];
    await client.waitFor('an-id', 'permanent', { intervalMs: 40, onProgress: ({ info }) => seen.push(info) });
    expect(seen).toEqual(['new', 'pending', 'permanent']);
    expect(requests).toEqual(Array.from({ length: 3 }, () => 'GET /v1/tx/an-id/status'));
    expect(sleeps).toEqual([40, 40]);
  });

  it('ends a question in progress when the signal aborts', async () => {
    const controller = new AbortController();
    const { client, requests } = await farSide(() => controller.abort(new Error('enough')));
    await expect(client.waitFor('an-id', 'permanent', { signal: controller.signal })).rejects.toThrow('enough');
    expect(requests).toHaveLength(1);
  });

  it('downloads from the gateway, and fails when the item is not there', async () => {
    const { client } = await farSide((request, response) => {
      if (request.url === '/an-id') response.end('hello');
      else response.writeHead(404).end('Not Found');
    });
    expect(await (await client.download('an-id')).text()).toBe('hello');
    await expect(client.download('other')).rejects.toMatchObject({ status: 404, text: 'Not Found' });
  });

  it('says that a download needs to know the gateway', async () => {
    const client = new BundlerClient({ uploadUrl: 'http://127.0.0.1:1' });
    await expect(client.download('an-id')).rejects.toThrow('download needs a gatewayUrl');
  });
});
