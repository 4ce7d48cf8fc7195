import { randomBytes } from 'node:crypto';
import { rm, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { createDataItem, ed25519Signer } from '@bundler/ans104';
import type { BundlerClient, ItemStatus } from '@bundler/client';
import type { Fault } from '@bundler/gateway';
import pg from 'pg';
import { addressOf, Platform, testWallet, until } from '../src/index.ts';
import { Scraped } from '../src/metrics/scraped.ts';

const signer = ed25519Signer(randomBytes(32));
const IN_TIME_MS = 30_000;
const BLOCK_MS = 100;
/** The network forgets an anchor after 50 blocks; the platform gives up after 60. */
const BEYOND_ANCHOR = 70;
const TEST_MS = 45_000;

interface BundleRow {
  readonly state: string;
  readonly reason: string | null;
  readonly txId: string | null;
}

describe('troubles of the network', () => {
  let platform: Platform;
  let client: BundlerClient;
  let db: pg.Client;
  let before: string[];

  beforeAll(async () => {
    const env = {
      ARWEAVE_CONFIRMATIONS: '3',
      ARWEAVE_NETWORK_REQUEST_TIMEOUT_MS: '300',
      ARWEAVE_NETWORK_REQUEST_TRIES: '3',
    };
    // The chain stands still unless a test moves it, so that no anchor expires behind its back.
    platform = await Platform.start({ env, blockIntervalMs: 0 });
    client = platform.client();
    db = new pg.Client({ connectionString: platform.database.url });
    await db.connect();
  }, 60_000);
  beforeEach(async () => {
    before = (await db.query<{ id: string }>('select id from bundles')).rows.map(({ id }) => id);
    platform.gateway.requests.reset();
  });
  afterEach(() => {
    platform.gateway.faults.clear();
    platform.gateway.movePrice(100);
  });
  afterAll(async () => {
    await db?.end();
    await platform?.stop();
  });

  const newItem = (): Promise<Buffer> => createDataItem({ signer, data: randomBytes(1000) });
  const upload = async (): Promise<string> => (await client.uploadSigned(await newItem())).id;
  const status = async (id: string): Promise<ItemStatus> => (await client.status(id))!;

  /** The bundles of this test, oldest first. */
  async function bundles(): Promise<BundleRow[]> {
    const { rows } = await db.query<BundleRow>(
      `select state, failed_reason as reason, encode(tx_id, 'hex') as "txId" from bundles
       where id <> all($1::uuid[]) order by created_at`,
      [before],
    );
    return rows;
  }
  const reach = (state: string): Promise<void> =>
    until(async () => (await bundles()).at(-1)?.state === state, IN_TIME_MS);

  /** Ends the workers there are; the next ones obey `env`. */
  async function replaceWorkers(env: Record<string, string>): Promise<void> {
    await Promise.all(platform.of('workers').map((worker) => worker.kill9()));
    await platform.startProcess('workers', env);
  }

  async function becomesPermanent(...ids: string[]): Promise<void> {
    let minedAt = 0;
    await until(async () => {
      if (performance.now() - minedAt > BLOCK_MS) {
        platform.gateway.mine();
        minedAt = performance.now();
      }
      const all = await Promise.all(ids.map(status));
      return all.every(({ info }) => info === 'permanent');
    }, IN_TIME_MS);
    await platform.gateway.settled();
    for (const id of ids) expect(platform.gateway.placesOf(id)).toHaveLength(1);
  }

  it.each<[string, Fault]>([
    ['5xx on every route', { status: 503, count: 8 }],
    ['a connection that is closed', { route: 'POST /tx', connection: 'close', count: 2 }],
    ['a connection that hangs', { route: 'POST /chunk', connection: 'hang', count: 2 }],
    ['a transaction that is taken and whose answer is lost', { route: 'POST /tx', delayMs: 400, count: 1 }],
    ['a status that cannot be read', { route: 'GET /tx/:id/status', status: 500, count: 4 }],
    ['a chunk that is refused once', { rejectChunk: 'exceeds_disk_pool_size_limit', count: 1 }],
    ['a transaction that is taken and forgotten', { forgetTx: 'next' }],
  ])(
    'survives %s: the same bundle becomes permanent',
    async (_, fault) => {
      platform.gateway.faults.add(fault);
      await becomesPermanent(await upload());
      expect(platform.gateway.faults.list()).toEqual([]);
      expect(await bundles()).toMatchObject([{ state: 'permanent' }]);
    },
    TEST_MS,
  );

  it(
    'waits as long as a 429 asks for',
    async () => {
      platform.gateway.faults.add({ route: 'POST /tx', status: 429, retryAfter: 2, count: 2 });
      const id = await upload();
      await until(() => platform.gateway.requests.of('POST /tx') > 0, IN_TIME_MS);
      const start = performance.now();
      await becomesPermanent(id);
      // Without Retry-After the two waits are 0.5 and 1 s.
      expect(performance.now() - start).toBeGreaterThan(3900);
      expect(platform.gateway.requests.of('POST /tx')).toBe(3);
    },
    TEST_MS,
  );

  it(
    'posts the chunks again when a confirmed transaction has no data',
    async () => {
      platform.gateway.faults.add({ loseChunk: true, count: 1 });
      await becomesPermanent(await upload());
      expect(platform.gateway.requests.of('POST /chunk')).toBe(2);
      expect(platform.gateway.requests.of('POST /tx')).toBe(1);
    },
    TEST_MS,
  );

  it(
    'posts a transaction again that a reorganisation took out of the chain',
    async () => {
      const id = await upload();
      await reach('seeded');
      platform.gateway.mine(2);
      const [bundle] = await bundles();
      const orphans = platform.gateway.reorg(2, 'forget').map((tx) => Buffer.from(tx, 'base64url').toString('hex'));
      expect(orphans).toEqual([bundle!.txId]);
      await becomesPermanent(id);
      expect(await bundles()).toEqual([{ ...bundle, state: 'permanent' }]);
    },
    TEST_MS,
  );

  it(
    'packs the items again when their transaction is never mined',
    async () => {
      platform.gateway.faults.add({ dropTx: 'next' });
      const ids = [await upload(), await upload()];
      await reach('seeded');
      platform.gateway.mine(BEYOND_ANCHOR);
      await becomesPermanent(...ids);
      expect(await bundles()).toMatchObject([{ state: 'failed', reason: 'not_found' }, { state: 'permanent' }]);
    },
    TEST_MS,
  );

  it(
    'packs the items again when their transaction is refused, signed anew or not',
    async () => {
      platform.gateway.faults.add({ route: 'POST /tx', status: 400, count: 2 });
      const id = await upload();
      await becomesPermanent(id);
      expect(await bundles()).toMatchObject([{ state: 'failed', reason: 'failed_to_post' }, { state: 'permanent' }]);
    },
    TEST_MS,
  );

  it(
    'signs the same bundle anew when the anchor expired while the network was away',
    async () => {
      platform.gateway.faults.add({ route: 'POST /tx', connection: 'close' });
      const id = await upload();
      await reach('prepared');
      const [before] = await bundles();
      platform.gateway.mine(BEYOND_ANCHOR);
      platform.gateway.faults.clear();
      await becomesPermanent(id);
      const [after, ...others] = await bundles();
      expect([after, others]).toEqual([expect.objectContaining({ state: 'permanent' }), []]);
      expect(after!.txId).not.toBe(before!.txId);
      expect(platform.gateway.placesOf(id)).toHaveLength(1);
    },
    TEST_MS,
  );

  it(
    'signs the same bundle anew when the price rose while the network was away',
    async () => {
      platform.gateway.faults.add({ route: 'POST /tx', connection: 'close' });
      const id = await upload();
      await reach('prepared');
      platform.gateway.movePrice(200);
      platform.gateway.faults.clear();
      await becomesPermanent(id);
      expect(await bundles()).toEqual([expect.objectContaining({ state: 'permanent' })]);
    },
    TEST_MS,
  );

  it(
    'keeps a bundle that the wallet cannot pay, and posts it when the wallet can',
    async () => {
      // Ten billion times the price: more than the wallet was given.
      platform.gateway.movePrice(1e12);
      const id = await upload();
      await until(() => platform.gateway.requests.of('GET /wallet/:address/balance') > 1, IN_TIME_MS);
      expect(await bundles()).toMatchObject([{ state: 'prepared' }]);
      expect(await status(id)).toMatchObject({ info: 'pending' });
      platform.gateway.mint(addressOf(await testWallet()), 10n ** 20n);
      await becomesPermanent(id);
      expect(await bundles()).toMatchObject([{ state: 'permanent' }]);
    },
    TEST_MS,
  );

  // Before any test that replaces the workers: what they counted goes with them.
  it('are counted by what they were, those of the gateway by what was asked and answered', async () => {
    const worker = await Scraped.from(`${platform.of('workers')[0]!.adminUrl}/bundler_metrics`);
    for (const reason of ['not_found', 'failed_to_post']) {
      expect(worker.value('bundle_failures_total', { reason })).toBeGreaterThan(0);
    }
    for (const reason of ['transaction_forgotten', 'failed_to_seed']) {
      expect(worker.value('bundle_setbacks_total', { reason })).toBeGreaterThan(0);
    }
    const answers = (op: string, code: string) => worker.value('arweave_gateway_requests_total', { op, code });
    expect(answers('post_tx', '429')).toBeGreaterThanOrEqual(2);
    expect(answers('post_tx', 'error')).toBeGreaterThan(0);
    expect(answers('post_chunk', 'timeout')).toBeGreaterThan(0);
    expect(answers('tx_status', '500')).toBeGreaterThan(0);
    expect(worker.value('data_items_unaccounted')).toBe(0);
  });

  it(
    'signs a bundle anew that has waited so long that the network might take it and never mine it',
    async () => {
      await replaceWorkers({ POST_WORKER_PAUSED: 'true' });
      const id = await upload();
      await reach('prepared');
      const [before] = await bundles();
      // The anchor is good still, but not for long.
      platform.gateway.mine(25);
      await db.query("update bundles set entered_at = now() - interval '1 hour' where state = 'prepared'");
      await platform.startProcess('workers');
      await becomesPermanent(id);
      const [after, ...others] = await bundles();
      expect([after, others]).toEqual([expect.objectContaining({ state: 'permanent' }), []]);
      expect(after!.txId).not.toBe(before!.txId);
      expect(platform.gateway.placesOf(id)).toHaveLength(1);
    },
    TEST_MS,
  );

  it('end no process', () => expect(platform.endedByThemselves).toEqual([]));

  describe('that cannot be overcome', () => {
    it(
      'end an item as failed after too many bundles, and a new upload gives it another life',
      async () => {
        await replaceWorkers({ MAX_FAILED_BUNDLES: '1' });
        const item = await newItem();
        const { id } = await client.uploadSigned(item);
        // Each bundle is signed twice before it is given up.
        platform.gateway.faults.add({ route: 'POST /tx', status: 400, count: 4 });
        await until(async () => (await status(id)).info === 'failed', IN_TIME_MS);
        expect(await status(id)).toMatchObject({ status: 'FAILED', reason: 'too_many_failures' });
        expect(await bundles()).toMatchObject([{ state: 'failed' }, { state: 'failed' }]);
        await client.uploadSigned(item);
        await becomesPermanent(id);
      },
      TEST_MS,
    );

    async function objectOf(id: string): Promise<string> {
      const { rows } = await db.query<{ key: string }>(
        'select s.object_key as key from segments s join data_items i on i.segment_id = s.id where i.id = $1',
        [Buffer.from(id, 'base64url')],
      );
      return join(platform.objectsDirectory, rows[0]!.key);
    }
    const deleteBytesOf = async (id: string): Promise<void> => rm(await objectOf(id));

    it(
      'end an item whose bytes are gone as failed, and its neighbours become permanent',
      async () => {
        await Promise.all(platform.of('workers').map((worker) => worker.kill9()));
        const [kept, lost, alsoKept] = [await upload(), await upload(), await upload()];
        await deleteBytesOf(lost);
        await platform.startProcess('workers');
        await becomesPermanent(kept, alsoKept);
        expect(await status(lost)).toMatchObject({ status: 'FAILED', reason: 'missing_from_object_store' });
      },
      TEST_MS,
    );

    it(
      'end an item whose bytes were cut short as failed, and its neighbours become permanent',
      async () => {
        await Promise.all(platform.of('workers').map((worker) => worker.kill9()));
        const [kept, damaged, alsoKept] = [await upload(), await upload(), await upload()];
        await truncate(await objectOf(damaged), 100);
        await platform.startProcess('workers');
        await becomesPermanent(kept, alsoKept);
        expect(await status(damaged)).toMatchObject({ status: 'FAILED', reason: 'missing_from_object_store' });
      },
      TEST_MS,
    );

    it(
      'do so too when the bytes go after the transaction was signed',
      async () => {
        platform.gateway.faults.add({ route: 'POST /tx', connection: 'close' });
        await Promise.all(platform.of('workers').map((worker) => worker.kill9()));
        const [kept, lost, alsoKept] = [await upload(), await upload(), await upload()];
        await platform.startProcess('workers');
        await reach('prepared');
        await deleteBytesOf(lost);
        platform.gateway.faults.clear();
        await becomesPermanent(kept, alsoKept);
        expect(await status(lost)).toMatchObject({ status: 'FAILED', reason: 'missing_from_object_store' });
      },
      TEST_MS,
    );
  });
});
