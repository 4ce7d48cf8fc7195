import { randomBytes } from 'node:crypto';
import { type Approval, Approvals, Balances, Reservations } from '@bundler/payment';
import { createDatabase, PaymentLedger, type TestDatabase } from '../src/index.ts';

const HOUR_MS = 3_600_000;

describe('credits that are shared', () => {
  let created: TestDatabase;
  let ledger: PaymentLedger;
  let balances: Balances;
  let approvals: Approvals;
  let reservations: Reservations;
  let now = 1_800_000_000_000;
  const clock = (): number => now;
  /** Names of a test's own. */
  let [ann, ben, sue, tom] = ['', '', '', ''];

  beforeAll(async () => {
    created = await createDatabase();
    ledger = await PaymentLedger.open(created.url, 20);
    balances = new Balances(ledger.database.writer);
    approvals = new Approvals(ledger.database.writer, clock);
    reservations = new Reservations(ledger.database.writer, () => HOUR_MS, clock);
  });
  afterAll(async () => {
    await ledger?.close();
    await created?.drop();
  });
  beforeEach(async () => {
    const test = anId().slice(0, 8);
    [ann, ben, sue, tom] = ['ann', 'ben', 'sue', 'tom'].map((name) => `${name}-${test}`) as [
      string,
      string,
      string,
      string,
    ];
    for (const name of [ann, ben]) await balances.credit(name, 100n, 'arweave', `tx-${name}`);
  });
  afterEach(() => ledger.requireBalanced());

  const anId = (): string => randomBytes(32).toString('base64url');
  async function share(payer: string, winc: bigint, expiresInSeconds?: number, approved = sue): Promise<Approval> {
    const made = await approvals.create({ id: anId(), payer, approved, winc, expiresInSeconds });
    if (typeof made === 'string') throw new Error(made);
    return made;
  }
  const charge = (winc: bigint, paidBy: readonly string[], signer = sue) => ({
    dataItemId: anId(),
    signer,
    byteCount: 1,
    winc,
    paidBy,
  });
  const left = async (...made: readonly Approval[]): Promise<bigint[]> =>
    Promise.all(made.map(({ id }) => ledger.balance('shared', id)));
  const available = async (...names: readonly string[]): Promise<bigint[]> =>
    Promise.all(names.map((name) => ledger.balance('available', name)));

  it('leave what their payer can spend, and no more can be shared than there is', async () => {
    await share(ann, 60n);
    expect(await available(ann)).toEqual([40n]);
    expect(await approvals.create({ id: anId(), payer: ann, approved: sue, winc: 41n })).toBe('insufficient');
    expect(await approvals.create({ id: anId(), payer: tom, approved: sue, winc: 1n })).toBe('insufficient');
    const tries = Array.from({ length: 10 }, () =>
      approvals.create({ id: anId(), payer: ann, approved: tom, winc: 9n }),
    );
    expect((await Promise.all(tries)).filter((made) => made !== 'insufficient').length).toBe(4);
    expect(await available(ann)).toEqual([4n]);
  });

  it('are shared once for each item, however often it is told, and never again once that has ended', async () => {
    const wanted = { id: anId(), payer: ann, approved: sue, winc: 10n };
    const made = await Promise.all(Array.from({ length: 10 }, () => approvals.create(wanted)));
    expect(made).toEqual(made.map(() => made[0]));
    expect(await available(ann)).toEqual([90n]);
    expect(await approvals.create({ ...wanted, winc: 11n })).toBe('ended');
    await approvals.revoke({ id: anId(), payer: ann, approved: sue });
    expect(await approvals.create(wanted)).toBe('ended');
    expect(await available(ann)).toEqual([100n]);
  });

  it.each<
    [string, { price: bigint; own: bigint; paidBy: ('ann' | 'ben' | 'tom' | 'sue')[]; taken: bigint[] | undefined }]
  >([
    ['the first payer alone, exactly', { price: 30n, own: 50n, paidBy: ['ann', 'ben'], taken: [30n, 0n, 0n] }],
    ['the first payer, with a rest', { price: 29n, own: 50n, paidBy: ['ann', 'ben'], taken: [29n, 0n, 0n] }],
    [
      'payers in the order in which they are named',
      { price: 30n, own: 50n, paidBy: ['ben', 'ann'], taken: [10n, 20n, 0n] },
    ],
    ['all payers, then the signer', { price: 60n, own: 50n, paidBy: ['ann', 'tom', 'ben'], taken: [30n, 20n, 10n] }],
    ['the signer where they are named', { price: 60n, own: 50n, paidBy: ['sue', 'ann'], taken: [10n, 0n, 50n] }],
    ['the signer alone when nobody is named', { price: 20n, own: 50n, paidBy: [], taken: [0n, 0n, 20n] }],
    ['nobody when all together have too little', { price: 101n, own: 50n, paidBy: ['ann', 'ben'], taken: undefined }],
  ])('pay: %s', async (_, { price, own, paidBy, taken }) => {
    const names = { ann, ben, sue, tom };
    const shared = [await share(ann, 30n), await share(ben, 20n)];
    await balances.credit(sue, own, 'arweave', `tx-${sue}`);
    const wanted = charge(
      price,
      paidBy.map((name) => names[name]),
    );
    const has = { ann: 30n, ben: 20n, sue: 0n, tom: 0n };
    expect(await reservations.spendable(sue, wanted.paidBy)).toBe(paidBy.reduce((sum, name) => sum + has[name], own));
    expect(await reservations.reserve([wanted])).toEqual(new Map(taken && [[wanted.dataItemId, price]]));
    const rest = [...(await left(...shared)), ...(await available(sue))];
    expect(rest).toEqual([30n, 20n, own].map((had, index) => had - (taken?.[index] ?? 0n)));
    // Sent again it costs nothing more, whoever is named now.
    if (taken) await reservations.reserve([{ ...wanted, paidBy: [ben] }]);
    expect([...(await left(...shared)), ...(await available(sue))]).toEqual(rest);
    await reservations.settle([wanted.dataItemId], 'release');
    expect([...(await left(...shared)), ...(await available(sue))]).toEqual([30n, 20n, own]);
  });

  it('are spent from what expires first, then from what is oldest', async () => {
    const made = [
      await share(ann, 10n),
      await share(ann, 10n),
      await share(ann, 10n, 1000),
      await share(ann, 10n, 100),
    ];
    await reservations.reserve([charge(25n, [ann])]);
    expect(await left(...made)).toEqual([5n, 10n, 0n, 0n]);
    expect((await approvals.given(ann)).approvals.map(({ id }) => id)).toEqual([made[0]!.id, made[1]!.id]);
    expect((await approvals.received(sue)).left).toBe(15n);
  });

  it('pay for nobody else, nor for whoever does not name their payer', async () => {
    await share(ann, 50n);
    await balances.credit(tom, 1n, 'arweave', `tx-${tom}`);
    expect(await reservations.reserve([charge(10n, [ann], tom), charge(10n, []), charge(10n, [ben])])).toEqual(
      new Map(),
    );
  });

  it('go back when they expire, and are never spent from then on, also while nobody has come round to it', async () => {
    const made = await share(ann, 50n, 10);
    const paid = charge(20n, [ann]);
    await reservations.reserve([paid]);
    now += 10_000;
    expect(await reservations.reserve([charge(1n, [ann])])).toEqual(new Map());
    expect((await approvals.received(sue)).approvals).toEqual([]);
    // Nobody has come round to it yet; what is reserved goes back to whoever had shared it.
    expect(await left(made)).toEqual([30n]);
    await reservations.settle([paid.dataItemId], 'release');
    expect([await left(made), await available(ann)]).toEqual([[30n], [70n]]);
    // Its payer need not wait either.
    expect(await reservations.spendable(ann, [])).toBe(100n);
    expect(await approvals.expire()).toBe(0);
  });

  it('are found by the sweep', async () => {
    const [soon] = [await share(ann, 50n, 10), await share(ann, 20n, 1000)];
    now += 10_000;
    expect(await approvals.expire()).toBe(1);
    expect([await left(soon!), await available(ann)]).toEqual([[0n], [80n]]);
  });

  it('go back once when they are revoked, and those that are used come back to their payer', async () => {
    const made = [await share(ann, 10n), await share(ann, 20n)];
    await share(ann, 5n, undefined, tom);
    const [kept, failed, pending] = [charge(12n, [ann]), charge(6n, [ann]), charge(6n, [ann])];
    await reservations.reserve([kept!, failed!, pending!]);
    await reservations.settle([kept!.dataItemId, failed!.dataItemId], 'capture');
    const revocation = { id: anId(), payer: ann, approved: sue };
    const revoked = await Promise.all(Array.from({ length: 5 }, () => approvals.revoke(revocation)));
    expect(revoked).toEqual(revoked.map(() => revoked[0]));
    expect(revoked[0]!.map(({ id, winc, left: rest }) => [id, winc, rest])).toEqual([
      [made[0]!.id, 10n, 0n],
      [made[1]!.id, 20n, 6n],
    ]);
    expect(await available(ann)).toEqual([71n]);
    // What is shared after it is not revoked by the same item told once more.
    const later = await share(ann, 1n);
    expect((await approvals.revoke(revocation)).length).toBe(2);
    expect(await left(later)).toEqual([1n]);

    const settle = (id: string, settlement: 'refund' | 'release') =>
      Promise.all(Array.from({ length: 5 }, () => reservations.settle([id], settlement)));
    await settle(failed!.dataItemId, 'refund');
    await settle(pending!.dataItemId, 'release');
    expect([await left(...made), await available(ann)]).toEqual([[0n, 0n], [82n]]);
    expect(await approvals.revoke({ id: anId(), payer: ben, approved: sue })).toEqual([]);
  });

  it('go back to both of two approvals of one payer, and to the payer when both have ended', async () => {
    const made = [await share(ann, 10n), await share(ann, 10n)];
    const [one, other] = [charge(15n, [ann]), charge(5n, [ann])];
    await reservations.reserve([one!]);
    await reservations.settle([one!.dataItemId], 'capture');
    await reservations.settle([one!.dataItemId], 'refund');
    expect(await left(...made)).toEqual([10n, 10n]);
    await reservations.reserve([{ ...one!, dataItemId: other!.dataItemId }]);
    await approvals.revoke({ id: anId(), payer: ann, approved: sue });
    await reservations.settle([other!.dataItemId], 'refund');
    expect(await available(ann)).toEqual([100n]);
  });

  it('pay for an item that is captured late as they did before it went back', async () => {
    const made = await share(ann, 50n);
    const paid = charge(20n, [ann]);
    await reservations.reserve([paid]);
    await reservations.settle([paid.dataItemId], 'release');
    expect(await reservations.captureLate([paid.dataItemId])).toEqual({ settled: [paid.dataItemId], unpaid: [] });
    expect(await left(made)).toEqual([30n]);
  });

  it('are kept by the database itself: no approval gets more than it had, and none that has ended anything', async () => {
    const db = ledger.database.writer;
    const [made, ended] = [await share(ann, 10n), await share(ann, 10n, undefined, tom)];
    await approvals.revoke({ id: anId(), payer: ann, approved: tom });
    const give = (id: string) =>
      db.raw(
        `insert into transfers (reason, reference, debited, credited, amount)
         select 'refund', 'mistake', o.id, s.id, 1 from accounts o, accounts s
         where o.kind = 'available' and o.owner = ? and s.kind = 'shared' and s.owner = ?`,
        [ben, id],
      );
    for (const { id } of [made, ended]) await expect(give(id)).rejects.toThrow('accounts_never_overfilled');
    await expect(db.raw(`update approvals set state = 'active' where id = ?`, [ended.id])).rejects.toThrow();
    await expect(
      db.raw(`update approvals set state = 'expired', ended_at = now(), returned = 10 where id = ?`, [made.id]),
    ).rejects.toThrow('accounts_never_overfilled');
  });
});
