import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { createDataItem, ed25519Signer } from '@bundler/ans104';
import type { BundlerClient } from '@bundler/client';
import { type Component, metrics, queues } from '@bundler/contract';
import { describeUnless, Platform, type PlatformProcess, until } from '../src/index.ts';
import { CatalogueCheck } from '../src/metrics/catalogue.ts';
import { lintMetrics } from '../src/metrics/lint.ts';
import { Scraped } from '../src/metrics/scraped.ts';
import { MultipartClient } from '../src/multipart/multipart-client.ts';
import { findPrometheus } from '../src/tools/prometheus.ts';

const tools = await findPrometheus(process.env);
const MiB = 1024 * 1024;
const LARGEST_BUNDLE = 4 * MiB;
const IN_TIME = { intervalMs: 50, timeoutMs: 60_000 };

const NEEDS_A_FAULT = 'only when something goes wrong, which other tests cause';
const OTHER_SETTINGS = 'only with settings that other tests have';
/** Metrics that stand at 0, or have no series, after an ordinary day, and why. */
const quiet: Readonly<Record<string, string>> = {
  live_settings_errors_total: NEEDS_A_FAULT,
  server_timeouts_total: NEEDS_A_FAULT,
  http_client_errors_total: NEEDS_A_FAULT,
  load_shed_total: NEEDS_A_FAULT,
  progress_streams_refused_total: NEEDS_A_FAULT,
  db_pool_acquire_timeouts_total: NEEDS_A_FAULT,
  redis_evicted_keys_total: NEEDS_A_FAULT,
  job_retries_total: NEEDS_A_FAULT,
  jobs_dead_total: NEEDS_A_FAULT,
  jobs_stalled_total: NEEDS_A_FAULT,
  bundle_failures_total: NEEDS_A_FAULT,
  bundle_setbacks_total: NEEDS_A_FAULT,
  data_items_failed_total: NEEDS_A_FAULT,
  bundle_redrives_total: NEEDS_A_FAULT,
  multipart_redrives_total: NEEDS_A_FAULT,
  outbox_redrives_total: NEEDS_A_FAULT,
  in_flight_waits_total: NEEDS_A_FAULT,
  in_flight_unmarked_total: NEEDS_A_FAULT,
  payment_refunds_total: NEEDS_A_FAULT,
  payment_top_ups_total: 'nobody buys credits here',
  payment_top_up_winc_total: 'nobody buys credits here',
  payment_top_ups_pending: 'nobody buys credits here',
  payment_top_up_oldest_pending_age_seconds: 'nobody buys credits here',
  payment_balance_winc: 'nobody buys credits here',
  payment_x402_payments_total: 'nobody pays by x402 here',
  payment_uncollected_items_total: NEEDS_A_FAULT,
  blocklist_errors_total: NEEDS_A_FAULT,
  cache_operations_total: OTHER_SETTINGS,
  cache_skipped_total: OTHER_SETTINGS,
  optical_posts_total: OTHER_SETTINGS,
  optical_items_total: OTHER_SETTINGS,
  optical_lost_total: OTHER_SETTINGS,
  objects_deleted_total: 'the clean-up waits longer than a test',
  rows_forgotten_total: 'the clean-up waits longer than a test',
  circuit_breaker_events_total: 'everything here is free, so that nobody is asked to pay',
  unbundled_data_items_total: 'no item here carries a bundle',
  nested_data_items_total: 'no item here carries a bundle',
  nested_offsets_written_total: 'no item here carries a bundle',
};

describe('the metrics of a platform that works', () => {
  const signer = ed25519Signer(randomBytes(32));
  const newItem = (byteCount: number): Promise<Buffer> => createDataItem({ signer, data: randomBytes(byteCount) });
  let platform: Platform;
  let client: BundlerClient;
  let parts: MultipartClient;
  let api: PlatformProcess;
  let scraped: Record<Component, Scraped>;

  const scrape = (process: PlatformProcess, accept?: string): Promise<Scraped> =>
    Scraped.from(`${process.adminUrl}/bundler_metrics`, accept);

  beforeAll(async () => {
    const env = {
      MAX_BUNDLE_DATA_ITEMS_BYTE_COUNT: String(LARGEST_BUNDLE),
      FREE_UPLOAD_LIMIT: String(64 * MiB),
      FREE_QUOTA_BYTES: String(1024 * MiB),
      RATE_LIMIT_ENABLED: 'true',
      RATE_LIMIT_TIMEOUT_MS: '10000',
      RATE_LIMIT_MAX_REQUESTS: '100000',
    };
    platform = await Platform.start({ env, payment: true });
    [client, api] = [platform.client(), platform.of('upload')[0]!];
    parts = new MultipartClient(api.url);
    await use();
    scraped = {
      upload: await scrape(api),
      workers: await scrape(platform.of('workers')[0]!),
      payment: await scrape(platform.of('payment')[0]!),
    } as typeof scraped;
  }, 120_000);
  afterAll(() => platform?.stop());

  /** Two small items, one of them twice at once and once more; a medium one, an oversized one, one in parts; and two that are refused. */
  async function use(): Promise<void> {
    const [first, second, medium, oversized] = await Promise.all([1000, 2000, 2 * MiB, 6 * MiB].map(newItem));
    const following = client.trackUpload(await idOf(medium!));
    const receipts = await Promise.all(
      [first!, second!, second!, medium!, oversized!].map((item) => client.uploadSigned(item)),
    );
    await client.uploadSigned(first!);
    await post(Buffer.concat([first!.subarray(0, -1), Buffer.of(first!.at(-1)! ^ 1)]));
    await post(Buffer.from('no item'));
    const uploadId = await parts.open(5 * MiB);
    await parts.sendAll(uploadId, await newItem(3000), 5 * MiB);
    const inParts = (await (await parts.finalizeAndWait(uploadId)).json()) as { id: string };
    for (const { id } of [...receipts, inParts]) await client.waitFor(id, 'permanent', IN_TIME);
    await following;
  }

  async function idOf(item: Buffer): Promise<string> {
    const hash = await crypto.subtle.digest('SHA-256', new Uint8Array(item.subarray(2, 66)));
    return Buffer.from(hash).toString('base64url');
  }

  async function post(body: Buffer): Promise<void> {
    const headers = { 'content-type': 'application/octet-stream' };
    const answer = await fetch(`${api.url}/v1/tx`, { method: 'POST', headers, body: new Uint8Array(body) });
    expect(answer.status).toBe(400);
  }

  it('tell how uploads went: by size how long, by outcome and signature how many', () => {
    const { upload, workers } = scraped;
    const latency = (size_category: string) => upload.value('upload_latency_seconds_count', { size_category });
    // The first twice, the second twice.
    expect([latency('small'), latency('medium')]).toEqual([4, 2]);
    const outcome = (name: string) => upload.value('upload_requests_total', { outcome: name });
    expect([outcome('ok'), outcome('duplicate'), outcome('client_error')]).toEqual([4, 2, 2]);
    expect([outcome('shed'), outcome('server_error'), outcome('aborted'), outcome('rate_limited')]).toEqual([
      0, 0, 0, 0,
    ]);
    expect(upload.value('upload_requests_total', { sig_type: 'ed25519' })).toBe(7);
    expect(upload.value('upload_errors_total', { code: 'invalid_data_item' })).toBe(1);
    expect(workers.value('upload_requests_total', { outcome: 'ok' })).toBe(1);
    expect(upload.value('upload_bytes_total', { size_category: 'medium' })).toBeGreaterThan(8 * MiB);
    expect(upload.value('upload_in_flight')).toBe(0);
    for (const stage of ['receive', 'verify', 'reserve', 'store', 'sign']) {
      expect(upload.value('upload_stage_duration_seconds_count', { stage })).toBeGreaterThanOrEqual(4);
    }
    expect(upload.value('in_flight_duplicates_total')).toBe(1);
    expect(upload.value('rate_limit_decisions_total', { tier: 'address', decision: 'allow' })).toBeGreaterThan(8);
  });

  it('tell the connections of each pool, none of them in use by now, and how many there may be', () => {
    for (const process of Object.values(scraped)) {
      const used = process.value('db_pool_size', { pool: 'writer' });
      const free = process.value('db_pool_free', { pool: 'writer' });
      expect(used + free).toBeGreaterThanOrEqual(0);
      expect(used + free).toBeLessThanOrEqual(process.value('db_pool_max', { pool: 'writer' }));
    }
    expect(scraped.upload.value('db_pool_acquire_duration_seconds_count')).toBeGreaterThan(0);
  });

  it('tell the depth of every queue, and that breakers are closed and both Redis servers well', () => {
    const { upload } = scraped;
    for (const { name } of Object.values(queues))
      expect(upload.value('queue_depth', { queue: name })).toBeGreaterThanOrEqual(0);
    expect(upload.value('circuit_breaker_state', { service: 'payment' })).toBe(0);
    for (const role of ['cache', 'queue']) {
      expect(upload.value('redis_up', { role })).toBe(1);
      expect(upload.value('redis_memory_used_bytes', { role })).toBeGreaterThan(100_000);
    }
  });

  it('tell where items and bundles are, how long that took, and what it has cost', () => {
    const { workers } = scraped;
    const items = 5;
    expect(workers.value('oversized_data_items_total')).toBe(1);
    expect(workers.value('oversized_data_item_outcomes_total', { outcome: 'posted' })).toBe(1);
    expect(workers.value('data_items_permanent_total')).toBe(items);
    for (const to of ['posted', 'permanent']) {
      expect(workers.value('data_item_finality_seconds_count', { to })).toBe(items);
    }
    const bundles = workers.value('bundle_transitions_total', { state: 'permanent' });
    for (const stage of ['plan', 'prepare', 'post', 'seed', 'verify']) {
      expect(workers.value('bundle_stage_duration_seconds_count', { stage })).toBe(bundles);
    }
    expect(workers.value('bundle_items_sum')).toBe(items);
    expect(workers.value('bundle_size_bytes_sum')).toBeGreaterThan(8 * MiB);
    expect(workers.value('data_items_unaccounted')).toBe(0);
    const spent = workers.value('arweave_spend_winston_total', { kind: 'reward' });
    expect(spent).toBeGreaterThan(0);
    expect(workers.value('bundle_cost_winston_sum')).toBe(spent);
    // The wallet was given a million AR.
    expect(workers.value('arweave_wallet_balance_ar')).toBeGreaterThan(999_999);
    expect(workers.value('arweave_gateway_requests_total', { op: 'post_tx', code: '200' })).toBe(bundles);
    expect(workers.value('jobs_processed_total', { queue: 'prepare', outcome: 'done' })).toBeGreaterThan(0);
    expect(workers.value('worker_active_jobs', { queue: 'prepare' })).toBe(0);
  });

  it.each(['upload', 'workers', 'payment'] as const)(
    'are in the process %s those of the catalogue, within their bounds, and no other',
    (component) => {
      const check = new CatalogueCheck(metrics, component, scraped[component]);
      expect(check.misdeclared()).toEqual([]);
      expect(check.outOfBounds()).toEqual([]);
      expect(lintMetrics(scraped[component])).toEqual([]);
      expect(scraped[component].samples.length).toBeLessThan(2000);
      expect(scraped[component].value('bundler_build_info', { component, node: process.version })).toBe(1);
      expect(scraped[component].value('process_cpu_seconds_total')).toBeGreaterThan(0);
    },
  );

  describeUnless(tools.missing, 'in the eyes of promtool', () => {
    it.each(['upload', 'workers', 'payment'] as const)('are well made in the process %s', async (component) => {
      const promtool = spawn(tools.paths!.promtool, ['check', 'metrics'], { stdio: ['pipe', 'pipe', 'pipe'] });
      promtool.stdin.end(scraped[component].text);
      const [[code], ...said] = await Promise.all([
        once(promtool, 'close'),
        text(promtool.stdout),
        text(promtool.stderr),
      ]);
      expect({ code, said }).toEqual({ code: 0, said: ['', ''] });
    });
  });

  it('have all been seen by now in one process or another, but for those that need what did not happen', () => {
    const unseen = (['upload', 'workers', 'payment'] as const).map(
      (component) => new Set(new CatalogueCheck(metrics, component, scraped[component]).unobserved()),
    );
    const reported = Object.values(metrics).filter(({ components, name }) =>
      (['upload', 'workers', 'payment'] as const).every(
        (component, index) => !components.includes(component) || unseen[index]!.has(name),
      ),
    );
    expect(reported.map(({ name }) => name).filter((name) => !(name in quiet))).toEqual([]);
    expect(Object.keys(quiet).filter((name) => !Object.values(metrics).some((one) => one.name === name))).toEqual([]);
  });

  it('come as OpenMetrics to whoever accepts it, and as plain text to the next', async () => {
    const open = await (
      await fetch(`${api.adminUrl}/bundler_metrics`, {
        headers: { accept: 'application/openmetrics-text;version=1.0.0' },
      })
    ).text();
    expect(open).toMatch(/^# TYPE upload_requests counter$/m);
    expect(open).toMatch(/^upload_requests_total\{/m);
    expect(open.endsWith('# EOF\n')).toBe(true);
    expect((await scrape(api)).types.get('upload_requests_total')).toBe('counter');
  });

  it('tell of work that waits: how much, where, and since when', async () => {
    await platform.of('workers')[0]!.stop();
    const uploadId = await parts.open(5 * MiB);
    await parts.sendAll(uploadId, await newItem(1000), 5 * MiB);
    await parts.finalize(uploadId);
    const queue = 'finalizeUpload';
    let now = await scrape(api);
    // The figures are ten seconds old at most.
    await until(async () => (now = await scrape(api)).value('queue_depth', { queue }) === 1, 30_000);
    expect(now.value('queue_jobs', { queue, state: 'waiting' })).toBe(1);
    expect(now.value('queue_oldest_job_age_seconds', { queue })).toBeGreaterThan(0);
    expect(now.value('queue_depth', { queue: 'prepare' })).toBe(0);
  }, 60_000);
});
