import type { Database } from '@bundler/adapters';
import { audit, Balances, paymentMigrations } from '@bundler/payment';
import { openTestDatabase } from './database.ts';

/** The books of a payment service, past the code under test. */
export class PaymentLedger {
  readonly database: Database;

  private constructor(database: Database) {
    this.database = database;
  }

  static async open(url: string, max = 5): Promise<PaymentLedger> {
    return new PaymentLedger(await openTestDatabase(url, max, paymentMigrations));
  }

  /** Gives credits out of nowhere. */
  async credit(address: string, winc: bigint, reference = `test-${performance.now()}`): Promise<void> {
    await new Balances(this.database.writer).credit(address, winc, 'test', reference);
  }

  /** What is in an account; 0 when it is not there. */
  async balance(kind: string, owner: string): Promise<bigint> {
    const { rows } = await this.database.writer.raw<{ rows: { balance: string }[] }>(
      'select balance::text from accounts where kind = ? and owner = ?',
      [kind, owner],
    );
    return BigInt(rows[0]?.balance ?? 0);
  }

  /** State and price of every reservation of an item, oldest first. */
  async reservations(dataItemId: string): Promise<[state: string, winc: bigint][]> {
    const { rows } = await this.database.writer.raw<{ rows: { state: string; winc: string }[] }>(
      'select state, winc::text from reservations where data_item_id = ? order by id',
      [dataItemId],
    );
    return rows.map(({ state, winc }) => [state, BigInt(winc)]);
  }

  /** @throws Error when something does not add up */
  async requireBalanced(): Promise<void> {
    const { total, accounts, reservations } = await audit(this.database.writer);
    if (total === 0n && accounts === 0 && reservations === 0) return;
    throw new Error(`sum ${total}, ${accounts} accounts and ${reservations} reservations do not add up`);
  }

  /** Makes every pending reservation as old as it will be when its time is over. */
  async expireReservations(): Promise<void> {
    await this.database.writer.raw(`update reservations set expires_at = now() where state = 'pending'`);
  }

  close(): Promise<void> {
    return this.database.close();
  }
}
