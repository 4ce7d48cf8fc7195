import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createDataItem, ed25519Signer, type Signer, signatureTypes } from '@bundler/ans104';
import type { Receipt } from '@bundler/client';
import { Reservations } from '@bundler/payment';
import pg from 'pg';
import { PaymentLedger, Platform, until } from '../src/index.ts';
import { objectFiles } from '../src/object-files.ts';

const MiB = 1024 * 1024;
const FUNDS = 10n ** 12n;
const PATIENCE_MS = 60_000;
const TEST_MS = 150_000;

describe('uploads that are paid for', () => {
  let platform: Platform;
  let ledger: PaymentLedger;
  let db: pg.Client;
  let signer: Signer;
  let payer: string;

  beforeAll(async () => {
    platform = await Platform.start({ payment: true, env: { FREE_UPLOAD_LIMIT: '1000' } });
    ledger = await PaymentLedger.open(platform.paymentDatabase.url);
    db = new pg.Client({ connectionString: platform.database.url });
    await db.connect();
  }, 60_000);
  afterAll(async () => {
    await db?.end();
    await ledger?.close();
    await platform?.stop();
  });
  beforeEach(() => {
    signer = ed25519Signer(randomBytes(32));
    payer = signatureTypes[2].nativeAddress(signer.owner);
  });
  afterEach(() => ledger.requireBalanced());

  const anItem = (byteCount: number): Promise<Buffer> => createDataItem({ signer, data: randomBytes(byteCount) });

  async function post(item: Buffer): Promise<Response> {
    const headers = { 'content-type': 'application/octet-stream' };
    const url = `${platform.of('upload')[0]!.url}/v1/tx`;
    return fetch(url, { method: 'POST', headers, body: new Uint8Array(item) });
  }

  async function receiptOf(item: Buffer): Promise<Receipt> {
    const answer = await post(item);
    expect(answer.status).toBe(200);
    return (await answer.json()) as Receipt;
  }

  const available = (): Promise<bigint> => ledger.balance('available', payer);
  const stateOf = async (id: string): Promise<string[]> => (await ledger.reservations(id)).map(([state]) => state);
  const becomes = (id: string, ...states: string[]): Promise<void> =>
    until(async () => (await stateOf(id)).join() === states.join(), PATIENCE_MS);
  const nothingLeftToTell = (): Promise<void> =>
    until(async () => {
      const { rowCount } = await db.query(
        'select segment_id::text from payment_captures union all select item_id::text from payment_refunds',
      );
      return rowCount === 0;
    }, PATIENCE_MS);

  it.each([5000, 2 * MiB])(
    'are refused without credits, and charged the price of their %i bytes with',
    async (size) => {
      const refused = await post(await anItem(size));
      expect([refused.status, await refused.text()]).toEqual([402, 'Insufficient balance']);
      expect(await ledger.balance('held', payer)).toBe(0n);

      await ledger.credit(payer, FUNDS);
      const item = await anItem(size);
      const { id, winc } = await receiptOf(item);
      expect(BigInt(winc)).toBeGreaterThan(0n);
      expect(await available()).toBe(FUNDS - BigInt(winc));
      await becomes(id, 'captured');
      // Whoever sends it again pays nothing more, and gets the same receipt.
      expect((await receiptOf(item)).winc).toBe(winc);
      expect(await ledger.reservations(id)).toEqual([['captured', BigInt(winc)]]);
      expect(await available()).toBe(FUNDS - BigInt(winc));
      await nothingLeftToTell();
    },
    TEST_MS,
  );

  it('cost nothing while they are small', async () => {
    expect((await receiptOf(await anItem(500))).winc).toBe('0');
  });

  it(
    'are given back once when their bytes are lost, and charged again when they come again',
    async () => {
      await ledger.credit(payer, FUNDS);
      await Promise.all(platform.of('workers').map((worker) => worker.kill9()));
      const before = new Set((await objectFiles(platform.objectsDirectory)).keys());
      const item = await anItem(5000);
      const { id, winc } = await receiptOf(item);
      const added = [...(await objectFiles(platform.objectsDirectory)).keys()].filter((key) => !before.has(key));
      for (const key of added) await rm(join(platform.objectsDirectory, key));
      await platform.startProcess('workers');
      await until(async () => (await available()) === FUNDS, PATIENCE_MS);
      await nothingLeftToTell();
      expect(await stateOf(id)).toEqual(['refunded']);

      expect((await receiptOf(item)).winc).toBe(winc);
      await until(async () => (await stateOf(id)).at(-1) === 'captured', PATIENCE_MS);
      expect(await available()).toBe(FUNDS - BigInt(winc));
    },
    TEST_MS,
  );

  it(
    'keep their payment when they come again before it has gone back',
    async () => {
      await ledger.credit(payer, FUNDS);
      const item = await anItem(5000);
      const { id, winc } = await receiptOf(item);
      await becomes(id, 'captured');
      // As it is when it has just failed, and nobody has got round to the refund.
      await Promise.all(platform.of('workers').map((worker) => worker.kill9()));
      const bytes = Buffer.from(id, 'base64url');
      await db.query('update data_items set bundle_id = null, failed_at = now() where id = $1', [bytes]);
      await db.query('insert into payment_refunds (item_id) values ($1)', [bytes]);
      expect((await receiptOf(item)).winc).toBe(winc);
      await platform.startProcess('workers');
      await nothingLeftToTell();
      expect(await ledger.reservations(id)).toEqual([['captured', BigInt(winc)]]);
      expect(await available()).toBe(FUNDS - BigInt(winc));

      // One that may be under way is waited for.
      await Promise.all(platform.of('workers').map((worker) => worker.kill9()));
      await db.query('update data_items set bundle_id = null, failed_at = now() where id = $1', [bytes]);
      await db.query(`insert into payment_refunds (item_id, state) values ($1, 'sending')`, [bytes]);
      const refused = await post(item);
      expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '1']);
      await platform.startProcess('workers');
      await nothingLeftToTell();
      expect(await available()).toBe(FUNDS);
      expect((await receiptOf(item)).winc).toBe(winc);
      await becomes(id, 'refunded', 'captured');
      expect(await available()).toBe(FUNDS - BigInt(winc));
    },
    TEST_MS,
  );

  it(
    'are settled when their time is over: captured when we have them, given back when not',
    async () => {
      await ledger.credit(payer, FUNDS);
      await Promise.all(platform.of('workers').map((worker) => worker.kill9()));
      const { id, winc } = await receiptOf(await anItem(5000));
      // As if nobody had noted that it is to be captured, and another upload had died before its row.
      await db.query('delete from payment_captures');
      const lost = { dataItemId: randomBytes(32).toString('base64url'), signer: payer, byteCount: 1, winc: 7n };
      await new Reservations(ledger.database.writer, () => 1).reserve([lost]);
      await ledger.expireReservations();
      await platform.servers.flushRedis();
      await platform.startProcess('workers');
      await becomes(id, 'captured');
      await becomes(lost.dataItemId, 'released');
      expect(await available()).toBe(FUNDS - BigInt(winc));
    },
    TEST_MS,
  );

  it(
    'are charged anew when they are captured only after their credits went back, or told of',
    async () => {
      await ledger.credit(payer, FUNDS);
      await Promise.all(platform.of('workers').map((worker) => worker.kill9()));
      const { id, winc } = await receiptOf(await anItem(5000));
      await new Reservations(ledger.database.writer, () => 1).settle([id], 'release');
      const worker = await platform.startProcess('workers');
      await becomes(id, 'released', 'captured');
      expect(await available()).toBe(FUNDS - BigInt(winc));

      await worker.kill9();
      const late = await receiptOf(await anItem(5000));
      const reservations = new Reservations(ledger.database.writer, () => 1);
      await reservations.settle([late.id], 'release');
      const rest = { dataItemId: randomBytes(32).toString('base64url'), signer: payer, byteCount: 1 };
      await reservations.reserve([{ ...rest, winc: await available() }]);
      const { adminUrl } = await platform.startProcess('workers');
      const uncollected = async (): Promise<boolean> =>
        (await (await fetch(`${adminUrl}/bundler_metrics`)).text()).includes('payment_uncollected_items_total 1');
      await until(uncollected, PATIENCE_MS);
      await nothingLeftToTell();
    },
    TEST_MS,
  );
});
