import { createHash } from 'node:crypto';
import { isReceiptSigned, type Receipt, addressOf as receiptAddress } from '@bundler/client';
import { Crowd, type Sent } from '../src/chaos/crowd.ts';
import { Killer, tally } from '../src/chaos/killer.ts';
import { Ledger, type LedgerRow } from '../src/chaos/ledger.ts';
import { itemMaker } from '../src/chaos/mixed-items.ts';
import { seededRandom } from '../src/chaos/seeded-random.ts';
import { addressOf, Platform, testWallet, until } from '../src/index.ts';
import { ageObjectFiles, objectFiles } from '../src/object-files.ts';

/** 1000 items take about two minutes; `CHAOS_SEED` repeats the choices of an earlier run. */
const ITEMS = Number(process.env.CHAOS_ITEMS ?? 120);
const SEED = Number(process.env.CHAOS_SEED ?? 1 + Math.floor(Math.random() * 1e6));
const CONCURRENCY = 50;
const ITEM_EVERY_MS = 80;
const KILL_EVERY_MS = 1000;
const SAMPLE = 50;
/** Locks of killed workers run out after 15 s and are looked for every 7.5 s; then come the confirmations. */
const PERMANENT_MS = 120_000;
const LONG_AGO_MS = 3 * 86_400_000;
const TEST_MS = 180_000 + 3 * ITEMS * ITEM_EVERY_MS;

describe.each([
  ['while each second one process is killed', async () => undefined],
  [
    'while each second one process is killed, and both Redis servers are flushed half way',
    (platform: Platform) => platform.servers.flushRedis(),
  ],
])(`a receipt is never lost: ${ITEMS} items, seed ${SEED}, %s`, (name, halfway) => {
  let platform: Platform;
  let ledger: Ledger;
  let crowd: Crowd;
  let rows: Map<string, LedgerRow>;
  const receipted = (): Sent[] => crowd.sent.filter(({ receipts }) => receipts.length > 0);

  beforeAll(async () => {
    const env = {
      FREE_UPLOAD_LIMIT: String(4 * 1024 * 1024),
      CLEANUP_INTERVAL_MS: '500',
      // As in production: an API that is overrun after a crash sheds.
      UPLOAD_MAX_SIGNING_WAIT_MS: '250',
    };
    platform = await Platform.start({ apis: 2, workers: 2, ownPostgres: true, blockIntervalMs: 200, env });
    const random = seededRandom(SEED);
    const { cache, postgres, queue } = platform.servers;
    const victims = {
      upload: platform.of('upload'),
      worker: platform.of('workers'),
      redis: [queue, cache],
      postgres: [postgres!],
    };
    const killer = new Killer({ victims, random: seededRandom(SEED + 1), everyMs: KILL_EVERY_MS });
    crowd = new Crowd({
      items: ITEMS,
      concurrency: CONCURRENCY,
      everyMs: ITEM_EVERY_MS,
      urls: platform.of('upload').map(({ url }) => url),
      random,
      make: await itemMaker(),
      halfway: () => halfway(platform),
    });
    const start = performance.now();
    killer.start();
    try {
      await crowd.run();
    } finally {
      await killer.stop();
    }
    const uploaded = performance.now();
    ledger = await Ledger.open(platform.database.url);
    const settled = async (): Promise<boolean> =>
      Object.keys(await ledger.itemStates()).every((state) => state === 'permanent' || state === 'failed');
    try {
      await until(settled, PERMANENT_MS);
    } finally {
      const seconds = (from: number, to: number): string => ((to - from) / 1000).toFixed(1);
      report(`${name}: seed ${SEED}`, {
        'seconds of uploads and kills': seconds(start, uploaded),
        'seconds until permanent': seconds(uploaded, performance.now()),
        kills: `${killer.kills.length} ${JSON.stringify(tally(killer.kills))}: ${killer.kills.join(' ')}`,
        items: `${crowd.sent.length} of ${ITEMS}, ${receipted().length} with receipts`,
        receipts: crowd.sent.reduce((sum, { receipts }) => sum + receipts.length, 0),
        statuses: JSON.stringify(tally(crowd.statuses.map(String))),
        retries: `${crowd.retries.length} ${JSON.stringify(tally(crowd.retries))}`,
        rows: JSON.stringify(await ledger.itemStates()),
        bundles: JSON.stringify(await ledger.bundleStates()),
      });
    }
    await platform.gateway.settled();
    rows = new Map((await ledger.items()).map((row) => [row.id, row]));
  }, TEST_MS);
  afterAll(async () => {
    await ledger?.close();
    await platform?.stop();
  });

  it('every patient client got its receipt, and nothing ended but what was killed', () => {
    const patient = crowd.sent.filter(({ sending }) => !sending.impatient);
    expect(crowd.sent).toHaveLength(ITEMS);
    expect(patient.filter(({ receipts, sending }) => receipts.length !== sending.copies)).toEqual([]);
    expect(platform.endedByThemselves).toEqual([]);
  });

  it('every receipt holds, and copies of an item got the very same one', async () => {
    const bundler = addressOf(await testWallet());
    for (const { id, receipts } of receipted()) {
      const [first, ...others] = receipts as [Receipt, ...Receipt[]];
      expect([first.id, await isReceiptSigned(first), await receiptAddress(first.public)]).toEqual([id, true, bundler]);
      for (const other of others) expect(other).toEqual(first);
    }
  });

  it('what was answered meanwhile was success or a request to come back: no failure, and nothing unknown', () => {
    const { '200': read = 0, '503': _later = 0, ...others } = tally(crowd.statuses.map(String));
    expect(others).toEqual({});
    expect(read).toBeGreaterThan(ITEMS / 2);
    expect(crowd.retries.filter((why) => /^\d/.test(why) && !why.startsWith('503'))).toEqual([]);
  });

  it('every receipted id has a row, every row was sent, and every row is in a permanent bundle', () => {
    const sent = new Set(crowd.sent.map(({ id }) => id));
    expect(receipted().filter(({ id }) => !rows.has(id))).toEqual([]);
    expect([...rows.keys()].filter((id) => !sent.has(id))).toEqual([]);
    expect([...rows.values()].filter(({ bundleState }) => bundleState !== 'permanent')).toEqual([]);
  });

  it('the counts are conserved', async () => {
    // A row without a receipt is an item whose impatient client saw the connection break.
    const unanswered = crowd.sent.filter(({ id, receipts }) => receipts.length === 0 && rows.has(id));
    expect(rows.size).toBe(receipted().length + unanswered.length);
    expect(await ledger.itemStates()).toEqual({ permanent: rows.size });
    expect(await ledger.bundledItems()).toBe(rows.size);
  });

  it('the gateway has every item in exactly one confirmed bundle, where the row says', () => {
    for (const row of rows.values()) {
      const places = platform.gateway.placesOf(row.id).map(({ bundle, offset }) => ({ bundle, offset }));
      expect(places).toEqual([{ bundle: row.txId, offset: row.bundleOffset }]);
    }
  });

  it('every receipted id is FINALIZED for its client', async () => {
    const client = platform.client();
    for (const { id } of receipted()) expect(await client.status(id)).toMatchObject({ status: 'FINALIZED' });
  });

  it('a sample reads back from the gateway byte for byte', async () => {
    const client = platform.client();
    const random = seededRandom(SEED + 2);
    const sample = receipted().filter(({ sending }) => sending.byteCount > 1e6 || random() < SAMPLE / ITEMS);
    for (const { id, payloadHash } of sample) {
      const bytes = Buffer.from(await (await client.download(id)).arrayBuffer());
      expect(createHash('sha256').update(bytes).digest('hex')).toBe(payloadHash);
    }
    expect(sample.length).toBeGreaterThan(0);
  });

  it('no row is without bytes', async () => {
    const sizes = await objectFiles(platform.objectsDirectory);
    const without = [...rows.values()].filter((row) => !((sizes.get(row.objectKey ?? '') ?? 0) >= row.end));
    expect(without).toEqual([]);
  });

  it('what the killed processes left behind is cleaned up in time, and everything else when it is old', async () => {
    const keys = await ledger.segmentKeys();
    const orphans = [...(await objectFiles(platform.objectsDirectory)).keys()].filter((key) => !keys.has(key));
    report(name, { 'objects without a row, of killed uploads': orphans.length });
    await ageObjectFiles(platform.objectsDirectory, LONG_AGO_MS);
    await until(async () => {
      const left = await objectFiles(platform.objectsDirectory);
      return orphans.every((key) => !left.has(key));
    }, 60_000);
    expect([...(await objectFiles(platform.objectsDirectory)).keys()].sort()).toEqual([...keys].sort());
    await ledger.age(LONG_AGO_MS);
    await until(async () => (await ledger.segmentKeys()).size === 0, 60_000);
    expect([...(await objectFiles(platform.objectsDirectory)).keys()]).toEqual([]);
  }, 130_000);
});

/** Shows what a person who wants to repeat or judge the run needs. */
function report(title: string, facts: Readonly<Record<string, unknown>>): void {
  const lines = Object.entries(facts).map(([fact, value]) => `  ${fact}: ${value}`);
  process.stderr.write(`${[title, ...lines].join('\n')}\n`);
}
