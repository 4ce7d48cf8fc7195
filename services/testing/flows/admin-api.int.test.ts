import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDataItem, ed25519Signer } from '@bundler/ans104';
import {
  ADMIN_KEY_HEADER,
  ADMIN_PREFIX,
  type AdminBundle,
  type AdminBundleDetail,
  type AdminQueue,
  type AdminQueueDetail,
  type AdminSnapshot,
  type AdminTrace,
} from '@bundler/contract';
import { Queue } from 'bullmq';
import { failJob, Platform, type PlatformProcess, until } from '../src/index.ts';

const PATIENCE_MS = 60_000;
const KEY = randomBytes(32).toString('base64url');
const SECRET = 'hunter2-in-a-reason';

describe('the admin API', () => {
  let platform: Platform;
  let admin: PlatformProcess;
  let directory: string;
  let log: string;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'bundler-admin-'));
    const keys = join(directory, 'keys');
    log = join(directory, 'log');
    await writeFile(keys, `${createHash('sha256').update(KEY).digest('hex')} alice\n`);
    process.env.TEST_PLATFORM_LOG = log;
    platform = await Platform.start({
      env: { ADMIN_KEYS_FILE: keys, ARWEAVE_CONFIRMATIONS: '3', NEW_DATA_ITEM_WORKER_PAUSED: 'true' },
    });
    admin = await platform.startProcess('admin');
  }, 120_000);
  afterAll(async () => {
    delete process.env.TEST_PLATFORM_LOG;
    await platform?.stop();
    await rm(directory, { recursive: true, force: true });
  });

  const ask = (path: string, init: RequestInit = {}, key = KEY): Promise<Response> =>
    fetch(`${admin.url}${ADMIN_PREFIX}${path}`, { ...init, headers: { ...init.headers, [ADMIN_KEY_HEADER]: key } });
  const read = async <Answer>(path: string): Promise<Answer> => {
    const answer = await ask(path);
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as Answer;
  };
  const post = async <Answer>(path: string, body?: object): Promise<Answer> => {
    const json = { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
    const answer = await ask(path, { method: 'POST', ...(body ? json : {}) });
    return (await answer.json()) as Answer;
  };
  const audited = async (): Promise<Record<string, unknown>[]> =>
    (await readFile(log, 'utf8'))
      .split('\n')
      .filter((line) => line.includes('"audit":true'))
      .map((line) => JSON.parse(line));

  it('is closed to whoever has no key, on every route', async () => {
    for (const path of ['/queues', '/queues/plan', '/trace/x', '/bundles', '/snapshot', '/openapi.json']) {
      expect((await fetch(`${admin.url}${ADMIN_PREFIX}${path}`)).status).toBe(401);
      expect((await ask(path, {}, `${KEY}x`)).status).toBe(401);
      const password = `Basic ${Buffer.from(`alice:${KEY}`).toString('base64')}`;
      const remembered = await fetch(`${admin.url}${ADMIN_PREFIX}${path}`, { headers: { authorization: password } });
      expect(remembered.status).toBe(401);
    }
    expect((await fetch(`${admin.url}${ADMIN_PREFIX}/queues/plan/drain`, { method: 'POST' })).status).toBe(401);
    const bearer = { authorization: `Bearer ${KEY}` };
    expect((await fetch(`${admin.url}${ADMIN_PREFIX}/queues`, { headers: bearer })).status).toBe(200);
  }, 60_000);

  it('does not listen without a key that opens it', async () => {
    await expect(platform.startProcess('admin', { ADMIN_KEYS_FILE: '' })).rejects.toThrow('ended before it was ready');
    expect(await readFile(log, 'utf8')).toContain('ADMIN_KEYS_FILE names no file with a key in it');
  }, 60_000);

  it('traces an item from its acceptance to permanent, and its bundle by both of its ids', async () => {
    const signer = ed25519Signer(randomBytes(32));
    const body = await createDataItem({ signer, data: randomBytes(500) });
    const headers = { 'content-type': 'application/octet-stream' };
    const url = platform.of('upload')[0]!.url;
    const { id } = (await (await fetch(`${url}/v1/tx`, { method: 'POST', body, headers })).json()) as { id: string };
    await until(async () => (await read<AdminTrace>(`/trace/${id}`)).state === 'permanent', PATIENCE_MS);
    const trace = await read<AdminTrace>(`/trace/${id}`);
    expect(trace.events.map(({ at }) => at)).toEqual(trace.events.map(({ at }) => at).sort((a, b) => a - b));
    expect(trace.events.map(({ what }) => what)).toEqual(
      expect.arrayContaining([
        'accepted; its receipt was signed',
        expect.stringMatching(/^packed into bundle/),
        'bundle permanent',
        expect.stringMatching(/^job prepare\/\d+ completed$/),
      ]),
    );
    expect(trace.nextSteps).toEqual(['Nothing is left to do: it is permanent.']);
    expect(trace.item).toMatchObject({ byteCount: body.length, objectKey: expect.stringContaining('segments/') });
    const { bundle } = trace;
    for (const name of [bundle!.id, bundle!.txId]) {
      const detail = await read<AdminBundleDetail>(`/bundles/${name}`);
      expect(detail).toMatchObject({ bundle: { id: bundle!.id, state: 'permanent' }, items: [id] });
    }
    expect((await read<AdminBundle[]>('/bundles?state=permanent'))[0]?.id).toBe(bundle!.id);
    expect(await read<AdminBundle[]>(`/bundles?before=${bundle!.id}`)).toEqual([]);
  }, 120_000);

  it('tells of an id that nobody has sent, and refuses what is none', async () => {
    const unknown = await read<AdminTrace>(`/trace/${randomBytes(32).toString('base64url')}`);
    expect(unknown).toMatchObject({ state: 'unknown', item: null, jobs: [] });
    expect((await ask('/trace/short')).status).toBe(400);
    expect((await ask(`/bundles/${randomBytes(32).toString('base64url')}`)).status).toBe(404);
    expect((await ask('/queues/no-such-queue')).status).toBe(400);
  }, 60_000);

  it('shows failed jobs with their reasons and without secrets, retries them, and writes down who did', async () => {
    // The platform's own workers rest at this queue.
    const payload = { segmentId: '11111111-1111-4111-8111-111111111111' };
    await failJob(platform, 'newDataItem', payload, `postgres://bundler:${SECRET}@db/x refused`);
    const shown = await ask('/queues/newDataItem');
    const text = await shown.text();
    expect(text).not.toContain(SECRET);
    const detail = JSON.parse(text) as AdminQueueDetail;
    expect(detail.queue.failed).toBe(1);
    expect(detail.failed[0]).toMatchObject({ state: 'failed', failedReason: 'postgres://***@db/x refused' });
    expect(await post('/queues/newDataItem/retry', { jobs: ['no-such-job'] })).toEqual({ retried: 0 });
    expect(await post('/queues/newDataItem/retry', {})).toEqual({ retried: 1 });
    await until(async () => {
      const all = await read<AdminQueue[]>('/queues');
      return all.find(({ queue }) => queue === 'newDataItem')?.failed === 0;
    }, PATIENCE_MS);
    const lines = await audited();
    expect(lines).toContainEqual(
      expect.objectContaining({ admin: 'alice', action: 'queue.retry', queue: 'newDataItem', retried: 1 }),
    );
    expect(JSON.stringify(lines)).not.toContain(KEY);
  }, 120_000);

  it('drains what waits, and nothing is lost by it', async () => {
    const name = 'finalizeUpload';
    const queue = new Queue(name, { connection: { url: platform.servers.queue.running.url } });
    const far = { delay: 3_600_000 };
    await queue.add(name, { uploadId: '22222222-2222-4222-8222-222222222222' }, far);
    expect(await post(`/queues/${name}/drain`)).toEqual({ removed: 1 });
    expect(await queue.getDelayedCount()).toBe(0);
    await queue.close();
    expect(await audited()).toContainEqual(
      expect.objectContaining({ admin: 'alice', action: 'queue.drain', queue: name, removed: 1 }),
    );
  }, 60_000);

  it('takes a snapshot of everything, and of what is left while the queues are away', async () => {
    const whole = await read<AdminSnapshot>('/snapshot');
    expect(whole).toMatchObject({ problems: [], node: process.version });
    expect(whole.queues?.find(({ queue }) => queue === 'plan')).toMatchObject({ workers: 1 });
    expect(whole.newestBundles?.length).toBeGreaterThan(0);
    process.kill(platform.servers.queue.running.pid, 'SIGSTOP');
    try {
      const rest = await read<AdminSnapshot>('/snapshot');
      expect(rest.queues).toBeNull();
      expect(rest.newestBundles?.length).toBeGreaterThan(0);
      expect(rest.problems).toContainEqual(expect.stringContaining('the queues could not be asked'));
    } finally {
      process.kill(platform.servers.queue.running.pid, 'SIGCONT');
    }
  }, 120_000);
});
