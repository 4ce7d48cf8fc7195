import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDataItem, ed25519Signer, signatureTypes } from '@bundler/ans104';
import type { Receipt } from '@bundler/client';
import pg from 'pg';
import {
  type OtlpReceiver,
  PaymentLedger,
  Platform,
  type ReceivedSpan,
  startOtlpReceiver,
  testSigner,
  until,
} from '../src/index.ts';
import { closeNow, listenLocally } from '../src/local-http.ts';
import { Scraped } from '../src/metrics/scraped.ts';
import { MultipartClient } from '../src/multipart/multipart-client.ts';

const WAIT_MS = 60_000;
const STATES = ['planned', 'prepared', 'posted', 'seeded', 'permanent'];
const CALLER = { traceId: 'c'.repeat(32), spanId: 'd'.repeat(16) };
/** What stands in the URL of a node, and is told to nobody. */
const NODE_KEY = 'key-of-the-node';
const traceparent = `00-${CALLER.traceId}-${CALLER.spanId}-01`;
const signer = ed25519Signer(randomBytes(32));
const item = (byteCount: number): Promise<Buffer> => createDataItem({ signer, data: randomBytes(byteCount) });

const post = (url: string, body: Buffer, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${url}/v1/tx`, {
    method: 'POST',
    headers: { 'content-type': 'application/octet-stream', ...headers },
    body: new Uint8Array(body),
  });

describe('traces of a platform that sends them', () => {
  let collector: OtlpReceiver;
  let platform: Platform;
  let ledger: PaymentLedger;
  let node: Server;
  beforeAll(async () => {
    collector = await startOtlpReceiver();
    node = createServer((_, response) => void response.writeHead(500).end());
    platform = await Platform.start({
      payment: true,
      // Processes that are traced load much, and here all start at once.
      readyTimeoutMs: WAIT_MS,
      env: {
        FREE_UPLOAD_LIMIT: '400000',
        PAYMENT_NETWORKS: 'base',
        PAYMENT_EVM_ADDRESS: `0x${'1'.repeat(40)}`,
        BASE_RPC_URL: `${await listenLocally(node)}/${NODE_KEY}`,
        TRACING_ENABLED: 'true',
        TRACING_ENDPOINT: `${collector.url}/`,
        TRACING_SAMPLE_PERCENT: '100',
        TRACING_HEADERS: 'x-tenant=bundles',
        MULTIPART_MIN_CHUNK_SIZE: '2048',
        LOG_LEVEL: 'debug',
      },
    });
    ledger = await PaymentLedger.open(platform.paymentDatabase.url);
  }, 2 * WAIT_MS);
  afterAll(async () => {
    await ledger?.close();
    await platform?.stop();
    if (node?.listening) await closeNow(node);
    await collector?.close();
  });

  const spansOf = (traceId: string): ReceivedSpan[] => collector.spans.filter((span) => span.traceId === traceId);
  const requestIn = (traceId: string) => spansOf(traceId).find(({ kind, parentId }) => kind === 2 && parentId === '');

  it('follow one item from the request that brought it to its chunks on Arweave', async () => {
    const data = randomBytes(300_000);
    const answer = await post(
      platform.of('upload')[0]!.url,
      await createDataItem({ signer: await testSigner(), data }),
    );
    const receipt = (await answer.json()) as Receipt;
    const here = (): ReceivedSpan[] => spansOf(answer.headers.get('x-request-id')!);
    await until(() => STATES.every((state) => here().some(({ name }) => name === state)), WAIT_MS);
    const request = requestIn(answer.headers.get('x-request-id')!)!;

    // The trace of the item: its request, what that waited for, and each step of its bundle with the time it took.
    expect(request).toMatchObject({
      name: 'POST /v1/tx',
      service: 'bundler-upload',
      parentId: '',
      links: [],
      status: 0,
    });
    expect(request.attributes).toEqual({
      'http.request.method': 'POST',
      'http.route': '/v1/tx',
      'http.response.status_code': 200,
      'ans104.id': receipt.id,
      'ans104.signature_type': 1,
      'upload.size_category': 'small',
    });
    expect(pathTo('store segment', here())).toEqual(['store segment', 'commit group', 'commit', 'POST /v1/tx']);
    expect(pathTo('sign receipt', here())).toEqual(['sign receipt', 'POST /v1/tx']);
    expect(here().filter(({ parentId }) => parentId === '')).toEqual([request]);
    const insert = here().find(({ attributes }) => /insert into data_items/.test(String(attributes['db.query.text'])))!;
    expect(pathTo(insert.name, here()).at(-2)).toBe('commit');
    const steps = STATES.map((state) => here().find(({ name }) => name === state)!);
    expect(steps.map(({ parentId }) => parentId)).toEqual(STATES.map(() => request.spanId));
    const ends = steps.map(({ end }) => end);
    expect(ends).toEqual(ends.toSorted((a, b) => a - b));

    // The trace of the bundle, one click away, with what was said to Arweave.
    const [bundle] = steps[1]!.links;
    expect(bundle!.traceId).not.toBe(request.traceId);
    await until(() => spansOf(bundle!.traceId).some(({ name }) => name === 'seed bundle'), 30_000);
    const there = spansOf(bundle!.traceId);
    const job = (queue: string): string[] => [`${queue} bundle`, `process ${queue}`, `send ${queue}`];
    const toPost = [...job('post'), ...job('prepare'), 'plan bundle'];
    expect(pathTo('POST /tx', there)).toEqual(['POST /tx', ...toPost]);
    expect(pathTo('POST /chunk', there)).toEqual(['POST /chunk', ...job('seed'), ...toPost]);
    expect(there.filter(({ name }) => name === 'POST /chunk')).toHaveLength(2);
    const { traceId, spanId } = request;
    for (const name of ['plan bundle', 'prepare bundle', 'post bundle', 'seed bundle']) {
      expect(there.find((span) => span.name === name)!.links).toEqual([{ traceId, spanId }]);
    }
    const { bundle: txId } = platform.gateway.placesOf(receipt.id)[0]!;
    expect(steps.at(-1)!.attributes).toMatchObject({ 'ans104.id': receipt.id, 'arweave.tx.id': txId });
  }, 120_000);

  it('tell the collector who asks, and nothing of what the item says or its owner is', async () => {
    const data = randomBytes(1000);
    const tags = [{ name: 'Secret-Tag', value: 'never-in-a-trace' }];
    const bytes = await createDataItem({ signer, data, tags });
    const answer = await post(platform.of('upload')[0]!.url, bytes, { authorization: 'Bearer secret-token' });
    const { owner } = (await answer.json()) as Receipt & { owner: string };
    await until(() => requestIn(answer.headers.get('x-request-id')!) !== undefined, WAIT_MS);
    await until(() => spansOf(answer.headers.get('x-request-id')!).some(({ name }) => name === 'permanent'), WAIT_MS);
    const sent = Buffer.concat(collector.bodies).toString('latin1');
    expect(sent).toContain('ans104.id');
    for (const hidden of [owner, 'Secret-Tag', 'never-in-a-trace', 'secret-token', data.toString('latin1')]) {
      expect(sent).not.toContain(hidden);
    }
    expect(collector.headers).toMatchObject({ 'x-tenant': 'bundles' });
  }, 120_000);

  it('are named by the buckets of the metrics that they fell into, to whoever takes OpenMetrics', async () => {
    const open = 'application/openmetrics-text;version=1.0.0';
    const scraped = await Promise.all(
      platform.processes.map(({ adminUrl }) => Scraped.from(`${adminUrl}/bundler_metrics`, open)),
    );
    const named = scraped.flatMap(({ exemplars }) => [...exemplars].map(([{ name }, text]) => ({ name, text })));
    expect(new Set(named.map(({ name }) => name))).toEqual(
      new Set([
        'http_request_duration_seconds_bucket',
        'upload_latency_seconds_bucket',
        'job_duration_seconds_bucket',
        'arweave_gateway_request_duration_seconds_bucket',
      ]),
    );
    const ids = [...new Set(named.map(({ text }) => /^\{trace_id="([0-9a-f]{32})"\}$/.exec(text)?.[1]))];
    await until(() => ids.every((id) => collector.spans.some(({ traceId }) => traceId === id)), WAIT_MS);
  }, 120_000);

  it('go on from the request that finalized an upload in parts, through the job that did it', async () => {
    const bytes = await item(3000);
    const client = new MultipartClient(platform.of('upload')[0]!.url);
    const upload = await client.open(2048);
    await client.sendAll(upload, bytes, 2048);
    const finalization = await client.finalizeAndWait(upload);
    const { id } = (await finalization.json()) as Receipt;
    const isFinalizing = ({ attributes, name }: ReceivedSpan): boolean =>
      name === 'process finalizeUpload' && attributes['ans104.id'] === id;
    await until(() => collector.spans.some(isFinalizing), WAIT_MS);
    const { spanId, traceId } = collector.spans.find(isFinalizing)!;
    await until(() => requestIn(traceId) !== undefined, WAIT_MS);
    expect(pathTo('process finalizeUpload', spansOf(traceId)).slice(1)).toEqual([
      'send finalizeUpload',
      'POST /v1/chunks/:token/:uploadId/:chunkOffset',
    ]);
    expect(traceId).toBe(finalization.headers.get('x-request-id'));
    const lines = platform.logLines.filter((line) => line.includes(traceId) && line.includes(id));
    expect(lines.map((line) => (JSON.parse(line) as { msg: string }).msg)).toContain('finalized');
    await until(
      () => spansOf(traceId).some(({ name, parentId }) => name === 'permanent' && parentId === spanId),
      WAIT_MS,
    );
  }, 120_000);

  it('reach over to the payment service, from what an upload costs to its capture', async () => {
    await ledger.credit(signatureTypes[signer.signatureType].nativeAddress(signer.owner), 10n ** 12n);
    const answer = await post(platform.of('upload')[0]!.url, await item(500_000));
    const { winc } = (await answer.json()) as Receipt & { winc: string };
    expect(BigInt(winc)).toBeGreaterThan(0n);
    const here = (): ReceivedSpan[] => spansOf(answer.headers.get('x-request-id')!);
    const there = (name: string) => here().find((span) => span.service === 'bundler-payment' && span.name === name);
    const [reserve, capture] = ['POST /v1/reserve-balance', 'POST /v1/capture-balance'];
    // Each process sends its spans when it likes.
    const isWhole = (name: string): boolean => pathFrom(there(name), here()).at(-1) === 'POST /v1/tx';
    await until(() => isWhole(reserve) && isWhole(capture), WAIT_MS);

    expect(there(reserve)).toMatchObject({ kind: 2, attributes: { 'http.response.status_code': 200 } });
    expect(pathFrom(there(reserve), here())).toEqual([reserve, reserve, 'reserve', 'POST /v1/tx']);
    const capturing = [capture, capture, 'capture', 'process newDataItem'];
    expect(pathFrom(there(capture), here()).slice(0, 4)).toEqual(capturing);
    const queries = here().filter(
      ({ attributes, service }) => service === 'bundler-payment' && attributes['db.query.text'],
    );
    expect(queries.some((query) => pathFrom(query, here()).includes(reserve))).toBe(true);
    const lines = platform.logLines.filter((line) => line.includes(there(reserve)!.traceId));
    expect(lines.map((line) => (JSON.parse(line) as { name: string }).name)).toContain('payment');
  }, 120_000);

  it('begin at the payment service for whoever asks it and is no service of the platform', async () => {
    const { url } = platform.of('payment')[0]!;
    const asked = async (path: string, init: RequestInit): Promise<ReceivedSpan> => {
      const headers = { traceparent, 'content-type': 'application/json' };
      const answer = await fetch(url + path, { ...init, headers: { ...headers, ...init.headers } });
      await answer.body?.cancel();
      const traceId = answer.headers.get('x-request-id')!;
      await until(() => requestIn(traceId) !== undefined, WAIT_MS);
      return requestIn(traceId)!;
    };
    const price = await asked('/v1/price/bytes/1000', {});
    expect(price).toMatchObject({ service: 'bundler-payment', name: 'GET /v1/price/bytes/:bytes', links: [CALLER] });
    const forged = { method: 'POST', headers: { authorization: 'Bearer forged' }, body: '{}' };
    const refused = await asked('/v1/reserve-balance', forged);
    expect(refused).toMatchObject({ links: [CALLER], attributes: { 'http.response.status_code': 401 } });

    // Nodes are known by their names alone: their URLs are secrets.
    const transaction = JSON.stringify({ tx_id: `0x${'2'.repeat(64)}` });
    const topUp = await asked('/v1/account/balance/base-eth', { method: 'POST', body: transaction });
    const told = spansOf(topUp.traceId).find(({ name }) => name === 'ask node');
    expect(told?.attributes).toMatchObject({ 'server.address': expect.stringMatching(/^127\.0\.0\.1:\d+$/) });
    expect(Buffer.concat(collector.bodies).toString('latin1')).not.toContain(NODE_KEY);
    expect(spansOf(CALLER.traceId)).toEqual([]);
  }, 120_000);

  it('begin anew where nobody trusted says whose they are, with a link to what was said', async () => {
    const answer = await post(platform.of('upload')[0]!.url, await item(500), { traceparent });
    const traceId = answer.headers.get('x-request-id')!;
    expect(traceId).toMatch(/^[0-9a-f]{32}$/);
    // A page may read it too.
    expect(answer.headers.get('access-control-expose-headers')).toContain('X-Request-Id');
    await until(() => requestIn(traceId) !== undefined, WAIT_MS);
    expect(requestIn(traceId)!.links).toEqual([CALLER]);
    expect(spansOf(CALLER.traceId)).toEqual([]);
  }, 90_000);

  it('go on with the trace that a trusted proxy hands on', async () => {
    const behindProxy = await platform.startProcess('upload', { TRUSTED_PROXIES: '1' });
    const answer = await post(behindProxy.url, await item(500), { traceparent });
    expect(answer.headers.get('x-request-id')).toBe(CALLER.traceId);
    const handedOn = (): ReceivedSpan | undefined => spansOf(CALLER.traceId).find(({ kind }) => kind === 2);
    await until(() => handedOn() !== undefined, WAIT_MS);
    expect(handedOn()).toMatchObject({ parentId: CALLER.spanId, links: [] });

    const broken = await post(behindProxy.url, await item(500), { traceparent: '00-nonsense-01' });
    expect([broken.status, broken.headers.get('x-request-id')]).toEqual([200, expect.stringMatching(/^[0-9a-f]{32}$/)]);
    await behindProxy.stop();
  }, 90_000);

  it('are what lines of the log name, in the API and in the workers', async () => {
    const refused = await post(platform.of('upload')[0]!.url, Buffer.from('no data item'));
    const accepted = await post(platform.of('upload')[0]!.url, await item(500));
    const [refusedId, acceptedId] = [refused, accepted].map(({ headers }) => headers.get('x-request-id')!);
    const lines = (wanted: RegExp): Record<string, string>[] =>
      platform.logLines.filter((line) => wanted.test(line)).map((line) => JSON.parse(line) as Record<string, string>);

    await until(() => lines(/request refused/).some(({ trace_id }) => trace_id === refusedId), WAIT_MS);
    await until(() => lines(/answered/).some(({ trace_id }) => trace_id === acceptedId), WAIT_MS);
    await until(() => requestIn(refusedId!) !== undefined, WAIT_MS);
    expect(requestIn(refusedId!)!.attributes).toMatchObject({
      'error.type': 'unparsable_data_item',
      'http.response.status_code': 400,
    });
    await until(() => spansOf(acceptedId!).some(({ name }) => name === 'posted'), WAIT_MS);
    const [bundle] = spansOf(acceptedId!).find(({ name }) => name === 'posted')!.links;
    const posted = lines(/"msg":"posted"/).find(({ trace_id }) => trace_id === bundle!.traceId);
    expect(posted).toMatchObject({ span_id: expect.stringMatching(/^[0-9a-f]{16}$/), name: 'workers' });
  }, 120_000);

  it('lose nothing of what a process did before it was told to stop', async () => {
    const api = await platform.startProcess('upload');
    const answer = await post(api.url, await item(500));
    expect(await api.stop()).toBe(0);
    expect(requestIn(answer.headers.get('x-request-id')!)).toBeDefined();
  }, 90_000);

  it('cost uploads nothing while the collector takes them and never answers', async () => {
    collector.hang(true);
    const before = collector.bodies.length;
    const api = await platform.startProcess('upload');
    const durations: number[] = [];
    const statuses = new Set<number>();
    // More spans than may wait, so that some have nowhere to go.
    for (let index = 0; index < 400; index += 1) {
      const body = await item(300);
      const start = performance.now();
      statuses.add((await post(api.url, body)).status);
      durations.push(performance.now() - start);
    }
    await until(() => collector.bodies.length > before, WAIT_MS);
    expect([...statuses]).toEqual([200]);
    // Waiting for the collector once would be 5 s.
    expect(Math.max(...durations)).toBeLessThan(4000);
    const start = performance.now();
    expect(await api.stop()).toBe(0);
    // The limit for the last spans, and what a stop takes anyway.
    expect(performance.now() - start).toBeLessThan(3000 + 15_000);
    collector.hang(false);
  }, 180_000);
});

describe('a process that traces nothing', () => {
  let directory: string;
  let collector: OtlpReceiver;
  let platform: Platform;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'bundler-modules-'));
    collector = await startOtlpReceiver();
    platform = await Platform.start({ apis: 0, workers: 0, payment: true, env: { TRACING_ENDPOINT: collector.url } });
    // Another one is started at its port.
    await platform.of('payment')[0]!.stop();
  }, WAIT_MS);
  afterAll(async () => {
    await platform?.stop();
    await collector?.close();
    await rm(directory, { recursive: true, force: true });
  });

  const RECORDER = new URL('../src/record-modules.ts', import.meta.url).href;
  /** The API itself is what prom-client brings along, without anything behind it. */
  const TRACES = /@opentelemetry\/(?!api\/)|services\/tracing\/|in-the-middle/;

  async function modulesOf(role: 'upload' | 'workers' | 'payment', env: Record<string, string>): Promise<string[]> {
    const file = join(directory, `${role}-${Object.keys(env).length}`);
    const running = await platform.startProcess(role, {
      ...env,
      NODE_OPTIONS: `--import=${RECORDER}`,
      RECORD_MODULES: file,
    });
    if (role === 'upload') {
      const answer = await post(running.url, await item(500), { traceparent });
      expect([answer.status, answer.headers.has('x-request-id')]).toEqual([200, env.TRACING_ENABLED === 'true']);
    }
    await running.stop();
    return (await readFile(file, 'utf8')).split('\n');
  }

  it.each(['upload', 'workers', 'payment'] as const)(
    'has nothing loaded that could, as %s, and what traces has it all',
    async (role) => {
      const off = await modulesOf(role, {});
      expect(off.some((url) => url.includes('/pino/'))).toBe(true);
      expect(off.filter((url) => TRACES.test(url))).toEqual([]);
      const on = await modulesOf(role, { TRACING_ENABLED: 'true' });
      expect(on.filter((url) => TRACES.test(url)).length).toBeGreaterThan(50);
    },
    120_000,
  );

  it('sends nothing and keeps nothing of traces in its rows', async () => {
    const sent = collector.bodies.length;
    const running = await platform.startProcess('upload', {});
    const answer = await post(running.url, await item(500), { traceparent });
    const { id } = (await answer.json()) as Receipt;
    const database = new pg.Client({ connectionString: platform.database.url });
    await database.connect();
    const { rows } = await database.query('select traceparent from data_items where id = $1', [
      Buffer.from(id, 'base64url'),
    ]);
    await database.end();
    expect(rows).toEqual([{ traceparent: null }]);
    await running.stop();
    expect(collector.bodies).toHaveLength(sent);
  }, 90_000);
});

/** The names of a span and of those above it. */
function pathTo(name: string, spans: readonly ReceivedSpan[]): string[] {
  return pathFrom(
    spans.find((span) => span.name === name),
    spans,
  );
}

function pathFrom(first: ReceivedSpan | undefined, spans: readonly ReceivedSpan[]): string[] {
  const path: string[] = [];
  for (let span = first; span; span = spans.find(({ spanId }) => spanId === span!.parentId)) path.push(span.name);
  return path;
}
