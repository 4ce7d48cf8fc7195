import { randomBytes } from 'node:crypto';
import { TestNetwork } from '../testing/test-network.ts';
import { type Fault, parseFault } from './fault.ts';

const network = new TestNetwork();

beforeAll(() => network.start());
afterEach(() => network.gateway.faults.clear());
afterAll(() => network.remove());

describe('faults', () => {
  it('answer 429 with Retry-After a number of times, on one route only', async () => {
    network.gateway.faults.add({ route: 'GET /price/:bytes', status: 429, retryAfter: 2, count: 2, after: 1 });
    const statuses: number[] = [];
    for (let request = 0; request < 4; request += 1) statuses.push((await network.ask('/price/1')).status);
    expect(statuses).toEqual([200, 429, 429, 200]);
    expect((await network.ask('/info')).status).toBe(200);
  });

  it('tell how long to wait', async () => {
    network.gateway.faults.add({ route: 'GET /info', status: 429, retryAfter: 7 });
    const response = await fetch(`${network.gateway.url}/info`);
    expect([response.status, response.headers.get('retry-after')]).toEqual([429, '7']);
  });

  it('strike all routes of the network without a route, never the controls', async () => {
    network.gateway.faults.add({ status: 503 });
    expect((await network.ask('/info')).status).toBe(503);
    expect((await network.post('/chunk', {})).status).toBe(503);
    expect((await network.ask('/mine/1')).status).toBe(200);
    expect((await network.ask('/dev/faults', { method: 'DELETE' })).text).toBe('[]');
    expect((await network.ask('/info')).status).toBe(200);
  });

  it('delay an answer', async () => {
    network.gateway.faults.add({ route: 'GET /time', delayMs: 60 });
    const before = performance.now();
    expect((await network.ask('/time')).status).toBe(200);
    expect(performance.now() - before).toBeGreaterThan(50);
  });

  it('close the connection', async () => {
    network.gateway.faults.add({ route: 'GET /info', connection: 'close' });
    await expect(network.ask('/info')).rejects.toThrow('fetch failed');
  });

  it('leave a request without an answer', async () => {
    network.gateway.faults.add({ route: 'GET /info', connection: 'hang' });
    await expect(network.ask('/info', { signal: AbortSignal.timeout(100) })).rejects.toThrow(/timeout/);
  });

  it('make the network forget the next transaction, or one by its id', async () => {
    const first = await network.upload(Buffer.from('not forgotten yet'));
    network.gateway.faults.add({ forgetTx: 'next' });
    const second = await network.upload(Buffer.from('forgotten at once'));
    const third = await network.upload(Buffer.from('kept'));
    network.gateway.mine();
    network.gateway.faults.add({ forgetTx: first.id });
    const statuses: number[] = [];
    for (const { id } of [first, second, third]) {
      statuses.push((await network.client.transactions.getStatus(id)).status);
    }
    expect(statuses).toEqual([404, 404, 200]);
    expect((await network.postHeader(second)).status).toBe(200);
  });

  it('keep a transaction from being mined', async () => {
    network.gateway.faults.add({ dropTx: 'next' });
    const tx = await network.upload(Buffer.from('stuck'));
    network.gateway.mine(3);
    expect((await network.client.transactions.getStatus(tx.id)).status).toBe(202);
  });

  it('reject a chunk, or lose it after a 200', async () => {
    const data = randomBytes(600_000);
    const tx = await network.sign(data);
    await network.postHeader(tx);
    network.gateway.mine();
    network.gateway.faults.add({ rejectChunk: 'exceeds_disk_pool_size_limit', count: 1 });
    network.gateway.faults.add({ loseChunk: true, count: 1 });
    const answers = [];
    for (const index of [0, 0, 1, 2]) answers.push((await network.postChunk(tx, data, index)).text);
    expect(answers).toEqual(['{"error":"exceeds_disk_pool_size_limit"}', '', '', '']);
    expect((await network.ask(`/${tx.id}`)).status).toBe(404);
    await network.postChunk(tx, data, 0);
    expect((await network.ask(`/${tx.id}`)).status).toBe(200);
  });

  it('come over HTTP, one or several, and are listed with how often they struck', async () => {
    const faults = [{ route: 'GET /height', status: 500 }, { dropTx: 'next' }];
    expect((await network.post('/dev/faults', faults)).status).toBe(200);
    await network.ask('/height');
    expect(JSON.parse((await network.ask('/dev/faults')).text)).toEqual([
      { ...faults[0], struck: 1 },
      { ...faults[1], struck: 0 },
    ]);
  });

  it('are refused for a route the gateway does not have', async () => {
    const answer = await network.post('/dev/faults', { route: 'POST /chunks', status: 500 });
    expect(answer.status).toBe(400);
    expect(answer.text).toContain('No route');
  });
});

describe('parsing a fault refuses', () => {
  it.each([
    ['what is no object', 'fault', /object/],
    ['an unknown field', { delay: 5 }, /"delay"/],
    ['a success status', { status: 200 }, /400 to 599/],
    ['an unknown chunk error', { rejectChunk: 'bad' }, /invalid_proof/],
    ['no effect', { route: 'POST /tx' }, /does one thing/],
    ['two effects', { status: 500, loseChunk: true }, /does one thing/],
    ['a count of zero', { status: 500, count: 0 }, /"count"/],
  ])('%s', (_what, json, message) => {
    expect(() => parseFault(json)).toThrow(message);
  });

  it('nothing of a status with a delay', () => {
    const fault: Fault = { status: 503, delayMs: 10, route: 'POST /tx' };
    expect(parseFault(fault)).toBe(fault);
  });
});

describe('request counts', () => {
  it('tell how often each route was asked and what it answered', async () => {
    network.gateway.requests.reset();
    const tx = await network.upload(randomBytes(600_000));
    await network.postHeader(tx);
    expect(network.gateway.requests.of('POST /tx')).toBe(2);
    expect(network.gateway.requests.of('POST /tx', 208)).toBe(1);
    expect(network.gateway.requests.of('POST /chunk', 200)).toBe(3);
    expect(JSON.parse((await network.ask('/dev/requests')).text)).toMatchObject({ 'POST /chunk': { total: 3 } });
  });
});
