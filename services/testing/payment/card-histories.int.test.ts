import { randomUUID } from 'node:crypto';
import { type CardEvent, CardEvents, CardQuotes, handleCardEvent } from '@bundler/payment';
import fc from 'fast-check';
import { createDatabase, PaymentLedger, type TestDatabase } from '../src/index.ts';

/** `CARD_HISTORIES=1000 npm test -- services/testing/payment/card-histories` is the long one. */
const HISTORIES = Number(process.env.CARD_HISTORIES ?? 60);
const SEED = Number(process.env.FUZZ_SEED ?? 104);
const WRITERS = 3;
const PAID = 1000;
const WINC_PER_CENT = 10n ** 9n;
const WINC = BigInt(PAID) * WINC_PER_CENT;

/** What becomes of a payment, beside that it is made. */
interface Fate {
  readonly refunds: readonly { readonly amount: number; readonly fails: boolean }[];
  readonly disputes: readonly { readonly amount: number; readonly end: 'won' | 'lost' | undefined }[];
  /** In which order its messages come, and how many of them before half of what is there is spent. */
  readonly order: readonly number[];
  readonly early: number;
}

const MESSAGES = 24;
const amount = fc.integer({ min: 1, max: PAID });
const fates: fc.Arbitrary<Fate> = fc.record({
  refunds: fc.array(fc.record({ amount, fails: fc.boolean() }), { maxLength: 4 }),
  disputes: fc.array(fc.record({ amount, end: fc.constantFrom('won' as const, 'lost' as const, undefined) }), {
    maxLength: 2,
  }),
  order: fc.array(fc.integer(), { minLength: MESSAGES, maxLength: MESSAGES }),
  early: fc.integer({ min: 0, max: MESSAGES }),
});

/** Everything that is told of a payment, some of it twice. */
function messagesOf(paymentIntent: string, quoteId: string, { disputes, refunds }: Fate): CardEvent[] {
  const paid = { type: 'paid', paymentIntent, quoteId, amount: PAID, currency: 'usd', at: Date.now() } as const;
  let sum = 0;
  const refunded = refunds.flatMap(({ amount: part, fails }, index): CardEvent[] => {
    sum += part;
    const one = { type: 'refunded', refund: `re_${index}_${paymentIntent}`, paymentIntent, amount: part } as const;
    return [
      { type: 'refunded', refund: `ch_${paymentIntent}`, paymentIntent, amount: sum, state: 'total' },
      { ...one, state: 'made' },
      ...(fails ? [{ ...one, state: 'failed' } as const] : []),
    ];
  });
  const disputed = disputes.flatMap(({ amount: part, end }, index): CardEvent[] => {
    const dispute = `dp_${index}_${paymentIntent}`;
    const one = { type: 'disputed', dispute, paymentIntent, amount: part, currency: 'usd' } as const;
    return [{ ...one, state: 'open' }, ...(end ? [{ ...one, state: end } as const] : [])];
  });
  return [paid, paid, ...refunded, ...disputed];
}

/** What the payer has of the payment at the end, whatever came when. */
function leftOf({ disputes, refunds }: Fate): bigint {
  const gone = [...refunds.filter(({ fails }) => !fails), ...disputes.filter(({ end }) => end !== 'won')];
  return BigInt(
    Math.max(
      0,
      gone.reduce((left, one) => left - one.amount, PAID),
    ),
  );
}

describe('payments by card', () => {
  let created: TestDatabase;
  let ledger: PaymentLedger;

  beforeAll(async () => {
    created = await createDatabase();
    ledger = await PaymentLedger.open(created.url, 10);
  });
  afterEach(() => ledger.requireBalanced());
  afterAll(async () => {
    await ledger?.close();
    await created?.drop();
  });

  const sql = (text: string, values: readonly unknown[] = []) =>
    ledger.database.writer.raw<{ rows: Record<string, unknown>[] }>(text, values as never);

  async function isDone(): Promise<boolean> {
    const { rows } = await sql('select count(*)::int as n from card_events where handled_at is null');
    return rows[0]!.n === 0;
  }

  /** Tells it all, and has several handle it at once, what came too early as well. */
  async function tell(messages: readonly CardEvent[], mayWait: boolean): Promise<void> {
    const events = new CardEvents(ledger.database.writer);
    for (const message of messages) await events.keep(`evt_${randomUUID()}`, message);
    const unexpected: unknown[] = [];
    do {
      await sql('update card_events set next_try_at = now() where handled_at is null');
      await Promise.all(
        Array.from({ length: WRITERS }, () =>
          events.handleWaiting(handleCardEvent, (_id, error) => {
            if (!(error as Error).message.includes('was credited here')) unexpected.push(error);
          }),
        ),
      );
    } while (!mayWait && !(await isDone()));
    expect(unexpected).toEqual([]);
  }

  async function spendHalf(address: string): Promise<bigint> {
    const half = (await ledger.balance('available', address)) / 2n;
    if (half === 0n) return 0n;
    await sql(
      `insert into transfers (reason, reference, debited, credited, amount)
       select 'capture', ?, a.id, e.id, ? from accounts a, accounts e
       where a.kind = 'available' and a.owner = ? and e.kind = 'earned'`,
      [`spent-${address}`, String(half), address],
    );
    return half;
  }

  it('leave what was neither refunded nor disputed, in whatever order it is told, and however many handle it', async () => {
    await fc.assert(
      fc.asyncProperty(fates, async (fate) => {
        const [id, address, intent] = [randomUUID(), `payer-${randomUUID()}`, `pi_${randomUUID()}`];
        await new CardQuotes(ledger.database.writer).open({
          id,
          destination: address,
          isGift: false,
          giftMessage: null,
          currency: 'usd',
          quotedAmount: PAID,
          winc: WINC,
          promoCodes: [],
          least: 1,
          lifetimeMs: 60_000,
        });
        const messages = messagesOf(intent, id, fate)
          .map((message, index) => ({ message, place: fate.order[index]! }))
          .toSorted((a, b) => a.place - b.place)
          .map(({ message }) => message);
        await tell(messages.slice(0, fate.early), true);
        const spent = await spendHalf(address);
        await tell(messages.slice(fate.early), false);
        const [available, owed] = [await ledger.balance('available', address), await ledger.balance('owed', address)];
        expect(available + owed).toBe(leftOf(fate) * WINC_PER_CENT - spent);
      }),
      { numRuns: HISTORIES, seed: SEED, ...(process.env.FUZZ_PATH !== undefined && { path: process.env.FUZZ_PATH }) },
    );
  }, 600_000);
});
