import { randomBytes, randomUUID } from 'node:crypto';
import { Bundles, type Database, Planning } from '@bundler/adapters';
import { createDataItem, ed25519Signer, signatureTypes } from '@bundler/ans104';
import type { Receipt } from '@bundler/client';
import { Killer } from '../src/chaos/killer.ts';
import { uploadUntilReceipt } from '../src/chaos/persistent-upload.ts';
import { pick, seededRandom } from '../src/chaos/seeded-random.ts';
import { openTestDatabase, PaymentLedger, Platform, until } from '../src/index.ts';

/** `PAID_KILLS=200 npm test -- services/testing/flows/paid-kill` is the long one. */
const KILLS = Number(process.env.PAID_KILLS ?? 8);
const SEED = Number(process.env.FUZZ_SEED ?? 1026);
const SENDERS = 4;
/** Held in memory, and streamed. */
const SIZES = [3000, 3000, 3000, 1_200_000];
/** One item in so many ends as failed. */
const FAILED = 4;
const FUNDS = 10n ** 15n;
const PATIENCE_MS = 120_000;

interface Sent {
  readonly receipt: Receipt;
  readonly payer: string;
}

describe(`${KILLS} kills of processes that take paid uploads`, () => {
  let platform: Platform;
  let ledger: PaymentLedger;
  let database: Database;

  beforeAll(async () => {
    platform = await Platform.start({
      payment: true,
      workers: 1,
      env: { FREE_UPLOAD_LIMIT: '0', OVERDUE_DATA_ITEM_THRESHOLD_MS: '3600000', PAYMENT_SERVICE_RESET_TIMEOUT: '500' },
    });
    ledger = await PaymentLedger.open(platform.paymentDatabase.url);
    database = await openTestDatabase(platform.database.url);
  }, 90_000);
  afterAll(async () => {
    await database?.close();
    await ledger?.close();
    await platform?.stop();
  });

  /** Ends an item as failed, as a worker does that finds its bytes gone. */
  async function fail(id: string): Promise<void> {
    const itemId = Buffer.from(id, 'base64url');
    const items = [{ id: itemId, bundleOffset: 0 }];
    const bundle = { id: randomUUID(), items, byteCount: 1, oversized: false };
    await new Planning(database.writer).transaction((planning) => planning.insertBundle('default', bundle));
    await new Bundles(database.writer).failItems(bundle.id, [itemId], 'test');
  }

  it(
    'leave the ledger sound, no item charged twice, none accepted unpaid, and each failed one refunded once',
    async () => {
      const random = seededRandom(SEED);
      const killer = new Killer({
        victims: { upload: platform.of('upload'), payment: platform.of('payment'), workers: platform.of('workers') },
        random,
        // Two kinds of three are restarting for half of the time: faster, and no upload ever meets all three at once.
        everyMs: 3000,
      });
      const sent: Sent[] = [];
      const failed = new Set<string>();
      const payers: string[] = [];
      const send = async (): Promise<void> => {
        const signer = ed25519Signer(randomBytes(32));
        const payer = signatureTypes[2].nativeAddress(signer.owner);
        payers.push(payer);
        await ledger.credit(payer, FUNDS, payer);
        while (killer.kills.length < KILLS || sent.length < 2 * KILLS) {
          const bytes = await createDataItem({ signer, data: randomBytes(pick(random, SIZES)) });
          const urls = platform.of('upload').map(({ url }) => url);
          const receipt = await uploadUntilReceipt({ urls, random, bytes, chunked: false, onRetry: () => undefined });
          sent.push({ receipt, payer });
          if (random() >= 1 / FAILED) continue;
          await fail(receipt.id);
          failed.add(receipt.id);
        }
      };
      killer.start();
      await Promise.all(Array.from({ length: SENDERS }, send));
      await killer.stop();

      // What lost its job or its answer is found again; what nobody accepted is given back when its time is over.
      await ledger.expireReservations();
      const toTell =
        'select segment_id::text from payment_captures union all select item_id::text from payment_refunds';
      await until(async () => {
        const { rowCount } = await database.writer.raw(toTell);
        const pending = await ledger.database.writer.raw(`select from reservations where state = 'pending'`);
        return rowCount === 0 && pending.rowCount === 0;
      }, PATIENCE_MS);

      await ledger.requireBalanced();
      expect(sent.length).toBeGreaterThan(KILLS);
      const spent = new Map(payers.map((payer) => [payer, 0n]));
      for (const { receipt, payer } of sent) {
        const reservations = await ledger.reservations(receipt.id);
        const states = reservations.map(([state]) => state).filter((state) => state === 'captured');
        expect({ id: receipt.id, captured: states.length }).toEqual({
          id: receipt.id,
          captured: failed.has(receipt.id) ? 0 : 1,
        });
        if (!failed.has(receipt.id)) spent.set(payer, spent.get(payer)! + BigInt(receipt.winc));
      }
      for (const payer of payers) {
        expect(await ledger.balance('available', payer)).toBe(FUNDS - spent.get(payer)!);
        expect(await ledger.balance('held', payer)).toBe(0n);
      }
      const { rows } = await database.writer.raw<{ rows: { n: number }[] }>(
        'select count(*)::int as n from data_items',
      );
      expect(rows[0]!.n).toBe(sent.length);
      process.stderr.write(
        `${killer.kills.length} kills, ${sent.length} items paid for, ${failed.size} of them failed\n`,
      );
    },
    180_000 + KILLS * 12_000 + PATIENCE_MS,
  );
});
