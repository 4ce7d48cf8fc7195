import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { createDatabase, PaymentLedger, type TestDatabase } from '../src/index.ts';
import { explain } from '../src/ledger-histories/explain.ts';
import { LedgerModel } from '../src/ledger-histories/model.ts';
import { type Charge, type Cut, type Operation, type Tried, told } from '../src/ledger-histories/operations.ts';
import { LedgerWriter } from '../src/ledger-histories/writer.ts';

/** `LEDGER_HISTORIES=1000 npm test -- services/testing/payment/histories` is the long one. */
const HISTORIES = Number(process.env.LEDGER_HISTORIES ?? 12);
const SEED = Number(process.env.FUZZ_SEED ?? 104);
const WRITERS = 3;
const ROUNDS = 14;
/** Histories that share a database: what audits it, adds all of them up. */
const SHARE = 25;
/** Rounds in which so many of a hundred operations lose their connection half way. */
const CUTS = 25;
const START = 1_800_000_000_000;

const PEOPLE = ['ann', 'ben', 'sue'];
const names = (prefix: string, count: number): string[] => Array.from({ length: count }, (_, index) => prefix + index);
const person = fc.constantFrom(...PEOPLE);
const item = fc.constantFrom(...names('item', 5));
const winc = fc.bigInt({ min: 0n, max: 60n });
const two = fc.shuffledSubarray(PEOPLE, { minLength: 2, maxLength: 2 });

const reserve = fc
  .uniqueArray(fc.record({ item, signer: person, winc, paidBy: fc.shuffledSubarray(PEOPLE) }), {
    minLength: 1,
    maxLength: 3,
    selector: (charge) => charge.item,
  })
  .map((charges: Charge[]): Operation => ({ kind: 'reserve', charges }));
const settlement = fc
  .tuple(
    fc.constantFrom('capture' as const, 'release' as const, 'refund' as const),
    fc.uniqueArray(item, { minLength: 1, maxLength: 3 }),
  )
  .map(([kind, items]): Operation => ({ kind, items }));
const approve = fc
  .tuple(
    fc.constantFrom(...names('approval', 6)),
    two,
    fc.bigInt({ min: 1n, max: 50n }),
    fc.constantFrom(undefined, 5, 30),
  )
  .map(
    ([id, [payer, approved], amount, expiresInSeconds]): Operation => ({
      kind: 'approve',
      id,
      payer: payer!,
      approved: approved!,
      winc: amount,
      expiresInSeconds,
    }),
  );
const revoke = fc
  .tuple(fc.constantFrom(...names('revocation', 3)), two)
  .map(([id, [payer, approved]]): Operation => ({ kind: 'revoke', id, payer: payer!, approved: approved! }));
const credit = fc
  .tuple(person, fc.bigInt({ min: 1n, max: 100n }), fc.constantFrom(...names('tx', 8)))
  .map(([to, amount, reference]): Operation => ({ kind: 'credit', to, winc: amount, reference }));
const operation = fc.oneof(
  { weight: 5, arbitrary: reserve },
  { weight: 5, arbitrary: settlement },
  { weight: 3, arbitrary: approve },
  { weight: 2, arbitrary: credit },
  { weight: 1, arbitrary: revoke },
  { weight: 1, arbitrary: fc.constant<Operation>({ kind: 'expire' }) },
);
const cut = fc.option(
  fc.record({ atPiece: fc.integer({ min: 1, max: 14 }), lost: fc.constantFrom('request' as const, 'answer' as const) }),
  { freq: Math.round(100 / CUTS) - 1, nil: undefined },
);
interface Step {
  readonly operation: Operation;
  readonly cut: Cut | undefined;
}
interface Round {
  readonly seconds: number;
  readonly steps: readonly Step[];
}
const together = fc.array(fc.record({ operation, cut }), { minLength: 1, maxLength: WRITERS });
/** It is several steps for those who look on: nobody does. */
const captureLate = fc
  .uniqueArray(item, { minLength: 1, maxLength: 3 })
  .map((items): Step[] => [{ operation: { kind: 'captureLate', items }, cut: undefined }]);
const round = fc.record({
  seconds: fc.constantFrom(0, 0, 0, 5, 30),
  steps: fc.oneof({ weight: 9, arbitrary: together }, { weight: 1, arbitrary: captureLate }),
});
/** Everybody has something to begin with. */
const opening: Round = {
  seconds: 0,
  steps: PEOPLE.map((to, index) => ({
    operation: { kind: 'credit', to, winc: 100n, reference: `opening${index}` },
    cut: undefined,
  })),
};
const history = fc.array(round, { minLength: ROUNDS, maxLength: ROUNDS }).map((rounds) => [opening, ...rounds]);

/** What the database says, in the words of the model. */
async function facts(ledger: PaymentLedger, source: string, earnedBefore: bigint): Promise<string> {
  const { rows } = await ledger.database.writer.raw<{ rows: { line: string }[] }>(
    `select kind || ':' || owner || '=' || balance as line from accounts
       where kind in ('available', 'held') and owner like :mine and balance <> 0
     union all select 'earned:uploads=' || balance - :earned from accounts where kind = 'earned' and balance <> :earned
     union all select 'approval:' || a.id || '=' || a.state || ',' || c.balance
       from approvals a join accounts c on c.id = a.account where a.id like :mine
     union all select 'spent:' || payer || ':' || approved || '='
         || string_agg(id, ',' order by expires_at nulls last, created_at, account)
       from approvals where id like :mine and state = 'active' group by payer, approved
     union all select 'item:' || data_item_id || '=' || string_agg(state || ',' || winc, ';' order by id)
       from reservations where data_item_id like :mine group by data_item_id`,
    { mine: `${source}-%`, earned: String(earnedBefore) } as never,
  );
  return told(rows.map(({ line }) => line));
}

/** The same operation about people, items and approvals of this history alone. */
function own(source: string, given: Operation): Operation {
  const rename = (value: unknown, key: string): unknown => {
    if (Array.isArray(value)) return value.map((entry) => rename(entry, key));
    if (typeof value === 'object' && value !== null) {
      return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, rename(inner, name)]));
    }
    return typeof value === 'string' && key !== 'kind' ? `${source}-${value}` : value;
  };
  return rename(given, '') as Operation;
}

describe('random histories of a ledger, with concurrent writers, repetitions and connections that break', () => {
  let created: TestDatabase;
  let ledger: PaymentLedger;
  let now = START;
  let run = 0;
  const counts = { operations: 0, broken: 0 };

  async function openAnew(): Promise<void> {
    await close();
    created = await createDatabase();
    ledger = await PaymentLedger.open(created.url);
  }
  async function close(): Promise<void> {
    await ledger?.close();
    await created?.drop();
  }
  afterAll(close);

  /** Does a history for real and beside it in the model. @throws Error when the two part */
  async function live(rounds: readonly Round[]): Promise<void> {
    if (run % SHARE === 0) await openAnew();
    run += 1;
    now = START;
    const source = `run${run}${randomBytes(3).toString('hex')}`;
    const writers = await Promise.all(
      Array.from({ length: WRITERS }, () => LedgerWriter.open(created.url, source, () => now)),
    );
    try {
      let model = new LedgerModel(START);
      const earnedBefore = await ledger.balance('earned', 'uploads');
      for (const { seconds, steps } of rounds) {
        now += seconds * 1000;
        model.pass(seconds);
        const tried = await Promise.all(
          steps.map((step, index) => writers[index]!.run(own(source, step.operation), step.cut)),
        );
        counts.operations += tried.length;
        counts.broken += tried.flatMap(({ outcomes }) => outcomes).filter((outcome) => outcome === undefined).length;
        // What has expired is its payer's in the model at once; here somebody must have come round to it.
        await writers[0]!.run({ kind: 'expire' }, undefined);
        const seen = await facts(ledger, source, earnedBefore);
        const after = explain(model, tried, seen);
        if (!after) throw new Error(inexplicable(model, tried, seen));
        model = after;
      }
      await ledger.requireBalanced();
    } finally {
      await Promise.all(writers.map((writer) => writer.close()));
    }
  }

  it(
    `${HISTORIES} of them end as one thing done after another would, each charge and each refund once`,
    async () => {
      await fc.assert(fc.asyncProperty(history, live), {
        numRuns: HISTORIES,
        seed: SEED,
        endOnFailure: true,
      });
      process.stderr.write(`${counts.operations} operations, ${counts.broken} tries cut off\n`);
      expect(counts.broken).toBeGreaterThan(0);
    },
    60_000 + HISTORIES * 20_000,
  );
});

function inexplicable(before: LedgerModel, tried: readonly Tried[], seen: string): string {
  const shown = JSON.stringify(tried, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value), 1);
  return `no order of these explains what came of them:\n${shown}\nbefore: ${before.facts}\nseen: ${seen}`;
}
