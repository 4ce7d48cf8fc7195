import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDataItem, ed25519Signer } from '@bundler/ans104';
import { issueClientToken } from '@bundler/upload';
import { Platform, until } from '../src/index.ts';
import { LiveSettingsFile } from '../src/live-settings-file.ts';

const SECRET = randomBytes(32).toString('hex');
const KEY = randomBytes(32).toString('base64url');

describe('rate limits of two upload APIs behind one proxy', () => {
  let directory: string;
  let live: LiveSettingsFile;
  let platform: Platform;
  let urls: string[];
  let clients = 0;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'bundler-limits-'));
    const digest = createHash('sha256').update(KEY).digest('hex');
    await writeFile(join(directory, 'api-keys'), `${digest}  indexer\n`);
    await writeFile(join(directory, 'jwt-secrets'), `${SECRET}\n`);
    live = await LiveSettingsFile.create();
    const env = {
      RATE_LIMIT_ENABLED: 'true',
      RATE_LIMIT_TIMEOUT_MS: '10000',
      TRUSTED_PROXIES: '1',
      API_KEYS_FILE: join(directory, 'api-keys'),
      JWT_SECRETS_FILE: join(directory, 'jwt-secrets'),
      LIVE_SETTINGS_FILE: live.path,
    };
    platform = await Platform.start({ apis: 2, workers: 0, env });
    urls = platform.of('upload').map(({ url }) => url);
  }, 60_000);
  afterAll(async () => {
    await platform?.stop();
    await live?.remove();
    await rm(directory, { recursive: true, force: true });
  });

  const configure = (settings: Record<string, string>): Promise<void> => live.change(platform, settings);

  /** An address that nobody has sent from yet. */
  function newClient(): string {
    clients += 1;
    return `203.0.113.${clients}`;
  }

  /** Asks through the proxy, which tells the client's address, one API after the other. */
  let turn = 0;
  async function ask(client: string, path = '/v1/info', init: RequestInit = {}): Promise<Response> {
    turn += 1;
    const headers = { ...(init.headers as Record<string, string>), 'x-forwarded-for': client };
    const answer = await fetch(urls[turn % urls.length]! + path, { ...init, headers });
    await answer.clone().arrayBuffer();
    return answer;
  }

  const askOften = (times: number, client: string, init?: RequestInit): Promise<number[]> =>
    Promise.all(Array.from({ length: times }, async () => (await ask(client, '/v1/info', init)).status));

  const metric = async (line: string): Promise<number> => {
    const texts = await Promise.all(urls.map(async (url) => (await fetch(`${url}/bundler_metrics`)).text()));
    const found = texts.flatMap((text) => text.split('\n').filter((candidate) => candidate.startsWith(line)));
    return found.reduce((sum, one) => sum + Number(one.split(' ').at(-1)), 0);
  };

  it('refuses the 101st request of a minute whichever API it meets, tells when to come back, and refuses nobody else', async () => {
    const client = newClient();
    const first = await ask(client);
    expect([first.status, first.headers.get('rate-limit-total'), first.headers.get('rate-limit-remaining')]).toEqual([
      200,
      '100',
      '99',
    ]);
    const reset = Number(first.headers.get('rate-limit-reset')) - Date.now() / 1000;
    expect(reset).toBeGreaterThan(50);
    expect(reset).toBeLessThan(62);
    expect((await askOften(99, client)).every((status) => status === 200)).toBe(true);
    for (const path of ['/v1/info', '/v1/info', '/v1/nowhere']) {
      const refused = await ask(client, path);
      expect([refused.status, refused.headers.get('rate-limit-remaining')]).toEqual([429, '0']);
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(30);
      expect(await refused.text()).toBe('Too many requests; slow down.');
    }
    expect((await ask(client, '/v1/tx', { method: 'POST', body: 'an item' })).status).toBe(429);
    expect(await metric('upload_requests_total{outcome="rate_limited",sig_type="unknown"}')).toBe(1);
    expect((await ask(newClient())).status).toBe(200);
    expect(await metric('rate_limit_decisions_total{tier="address",decision="deny"}')).toBeGreaterThanOrEqual(3);
  });

  it('counts what the proxy says, not what the client writes left of it', async () => {
    const client = newClient();
    const statuses = await Promise.all(
      Array.from({ length: 101 }, async (_, index) => (await ask(`198.51.100.${index}, ${client}`)).status),
    );
    expect(statuses.filter((status) => status === 429)).toHaveLength(1);
  });

  it('leaves probes and scrapes alone', async () => {
    const client = newClient();
    await askOften(101, client);
    for (const path of ['/health', '/ready', '/bundler_metrics']) {
      const answer = await ask(client, path);
      expect([answer.status, answer.headers.get('rate-limit-total')]).toEqual([200, null]);
    }
  });

  it('counts the creation of an upload in parts, none of its parts, and those of an upload that does not exist', async () => {
    const client = newClient();
    const created = await ask(client, '/v1/chunks/arweave/-1/-1?chunkSize=5242880');
    expect([created.status, created.headers.get('rate-limit-remaining')]).toEqual([200, '99']);
    const { id } = (await created.json()) as { id: string };
    const part = { method: 'POST', headers: { 'content-type': 'application/octet-stream' }, body: randomBytes(1000) };
    for (const [path, init] of [[`${id}/0`, part], [`${id}/status`]] as const) {
      const answer = await ask(client, `/v1/chunks/arweave/${path}`, init);
      expect([answer.status, answer.headers.get('rate-limit-total')]).toEqual([200, null]);
    }
    const nobodys = await ask(client, `/v1/chunks/arweave/${randomUUID()}/0`, part);
    expect([nobodys.status, nobodys.headers.get('rate-limit-remaining')]).toEqual([404, '98']);
  });

  it('gives the holder of an API key a larger count of their own, from wherever, and nobody who only has a header', async () => {
    const init = { headers: { authorization: `Bearer ${KEY}` } };
    const known = await ask(newClient(), '/v1/info', init);
    expect([known.headers.get('rate-limit-total'), known.headers.get('rate-limit-remaining')]).toEqual(['1000', '999']);
    expect((await ask(newClient(), '/v1/info', init)).headers.get('rate-limit-remaining')).toBe('998');

    const client = newClient();
    const guesses = { headers: { authorization: `Bearer ${randomBytes(32).toString('base64url')}` } };
    expect((await askOften(101, client, guesses)).filter((status) => status === 429)).toHaveLength(1);
  });

  it('gives the subject of a token a larger count of their own, and nobody whose token is not of ours', async () => {
    const bearer = (secret: string) => ({
      headers: { authorization: `Bearer ${issueClientToken(secret, 'indexer', Date.now(), Date.now() + 60_000)}` },
    });
    const known = await ask(newClient(), '/v1/info', bearer(SECRET));
    // Not counted together with the API key of that name.
    expect([known.headers.get('rate-limit-total'), known.headers.get('rate-limit-remaining')]).toEqual(['1000', '999']);
    expect((await ask(newClient(), '/v1/info', bearer(SECRET))).headers.get('rate-limit-remaining')).toBe('998');
    expect(await metric('rate_limit_decisions_total{tier="token",decision="allow"}')).toBe(2);

    const client = newClient();
    const forged = bearer(randomBytes(32).toString('hex'));
    expect((await askOften(101, client, forged)).filter((status) => status === 429)).toHaveLength(1);
  });

  it('refuses an upload before its body is read, and takes the same item from who may send', async () => {
    const client = newClient();
    await askOften(100, client);
    const signer = ed25519Signer(randomBytes(32));
    const body = new Uint8Array(await createDataItem({ signer, data: randomBytes(100_000) }));
    const init = { method: 'POST', headers: { 'content-type': 'application/octet-stream' }, body };
    expect((await ask(client, '/v1/tx', init)).status).toBe(429);
    const taken = await ask(newClient(), '/v1/tx', init);
    expect([taken.status, taken.headers.get('rate-limit-remaining')]).toEqual([200, '99']);
  });

  it('obeys changed limits, costs and lists at once, and forgets requests when their window is over', async () => {
    const [client, blocked, free] = [newClient(), '192.0.2.9', '192.0.2.10'];
    expect((await askOften(101, client)).filter((status) => status === 429)).toHaveLength(1);
    await configure({
      RATE_LIMIT_WINDOW_MS: '1000',
      RATE_LIMIT_MAX_REQUESTS: '4',
      RATE_LIMIT_BLOCKED_IPS: '192.0.2.8/31,2001:db8::/32',
      RATE_LIMIT_UNLIMITED_IPS: free,
      RATE_LIMIT_COSTS: 'GET /info=2',
    });
    for (const address of [blocked, '2001:db8::7']) {
      const refused = await ask(address);
      expect([refused.status, await refused.text()]).toEqual([403, 'Requests from this address are not accepted.']);
    }
    expect((await ask(blocked, '/health')).status).toBe(200);
    expect((await askOften(20, free)).every((status) => status === 200)).toBe(true);

    await until(async () => (await ask(client)).status === 200);
    const other = newClient();
    const start = performance.now();
    expect((await ask(other)).headers.get('rate-limit-remaining')).toBe('2');
    expect((await ask(other)).headers.get('rate-limit-remaining')).toBe('0');
    const refused = await ask(other);
    if (performance.now() - start < 900) {
      expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '1']);
    }
    await until(async () => (await ask(other)).status === 200);
    expect(performance.now() - start).toBeGreaterThan(950);

    await configure({ RATE_LIMIT_ENABLED: 'false', RATE_LIMIT_BLOCKED_IPS: blocked });
    expect((await askOften(150, client)).every((status) => status === 200)).toBe(true);
    expect((await ask(blocked)).status).toBe(403);
    await configure({});
  }, 30_000);

  it('lets everybody in while the Redis that counts is gone, and says so', async () => {
    await platform.servers.cache.crash();
    const back = newClient();
    await until(async () => (await ask(back)).headers.get('rate-limit-total') === '100');
    await platform.servers.cache.end((running) => running.stop());
    const before = await metric('rate_limit_decisions_total{tier="address",decision="error"}');
    expect((await askOften(120, newClient())).every((status) => status === 200)).toBe(true);
    expect((await metric('rate_limit_decisions_total{tier="address",decision="error"}')) - before).toBe(120);
    expect((await fetch(`${urls[0]}/ready`)).status).toBe(200);
  }, 30_000);
});
