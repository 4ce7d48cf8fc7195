import { randomBytes } from 'node:crypto';
import { Balances, Reservations } from '@bundler/payment';
import { createDatabase, PaymentLedger, type TestDatabase } from '../src/index.ts';

const HOUR_MS = 3_600_000;

describe('the ledger', () => {
  let created: TestDatabase;
  let ledger: PaymentLedger;
  let balances: Balances;
  let reservations: Reservations;

  beforeAll(async () => {
    created = await createDatabase();
    ledger = await PaymentLedger.open(created.url, 20);
    balances = new Balances(ledger.database.writer);
    reservations = new Reservations(ledger.database.writer, () => HOUR_MS);
  });
  afterEach(() => ledger.requireBalanced());
  afterAll(async () => {
    await ledger?.close();
    await created?.drop();
  });

  const anId = (): string => randomBytes(32).toString('base64url');
  const chargeOf = (signer: string, winc: bigint, dataItemId = anId()) => ({ dataItemId, signer, byteCount: 1, winc });
  const funds = async (address: string): Promise<(bigint | undefined)[]> => [
    await balances.available(address),
    await ledger.balance('held', address),
  ];

  it('credits what came in once, however often and by however many it is told', async () => {
    const told = Array.from({ length: 20 }, () => balances.credit('alice', 1000n, 'arweave', 'tx-1'));
    expect((await Promise.all(told)).filter(Boolean)).toEqual([true]);
    expect(await funds('alice')).toEqual([1000n, 0n]);
    expect(await balances.available('a stranger')).toBeUndefined();
  });

  it('keeps amounts beyond what a floating-point number holds to the last unit', async () => {
    const much = 2n ** 100n + 1n;
    await balances.credit('whale', much, 'arweave', 'tx-whale');
    const charge = chargeOf('whale', 1n);
    expect(await reservations.reserve([charge])).toEqual(new Map([[charge.dataItemId, 1n]]));
    expect(await funds('whale')).toEqual([much - 1n, 1n]);
  });

  it('reserves what its signers can pay by themselves, and captures it, with one question to the database each', async () => {
    for (const signer of ['ines', 'jack']) await balances.credit(signer, 100n, 'arweave', `tx-${signer}`);
    const charges = [chargeOf('ines', 60n), chargeOf('jack', 70n), chargeOf('ines', 40n)];
    const ids = charges.map(({ dataItemId }) => dataItemId);
    const asked = { reserving: 0, capturing: 0 };
    let doing: keyof typeof asked = 'reserving';
    const count = (): void => void (asked[doing] += 1);
    ledger.database.writer.on('query', count);
    try {
      expect(await reservations.reserve(charges)).toEqual(new Map(charges.map((one) => [one.dataItemId, one.winc])));
      doing = 'capturing';
      expect((await reservations.settle(ids, 'capture')).toSorted()).toEqual(ids.toSorted());
    } finally {
      ledger.database.writer.off('query', count);
    }
    expect(asked).toEqual({ reserving: 1, capturing: 1 });
    expect([await funds('ines'), await funds('jack')]).toEqual([
      [0n, 0n],
      [30n, 0n],
    ]);
  });

  it('sets aside what can be paid for, item by item, and says which cannot', async () => {
    await balances.credit('bob', 100n, 'arweave', 'tx-bob');
    const [first, dear, second, strange] = [
      chargeOf('bob', 60n),
      chargeOf('bob', 50n),
      chargeOf('bob', 40n),
      chargeOf('unknown', 1n),
    ];
    const reserved = await reservations.reserve([first!, dear!, second!, strange!, first!]);
    expect(reserved).toEqual(
      new Map([
        [first!.dataItemId, 60n],
        [second!.dataItemId, 40n],
      ]),
    );
    expect(await funds('bob')).toEqual([0n, 100n]);
  });

  it('costs nothing for whoever has nothing when the price is nothing', async () => {
    const charge = chargeOf('nobody', 0n);
    expect(await reservations.reserve([charge])).toEqual(new Map([[charge.dataItemId, 0n]]));
    expect(await reservations.settle([charge.dataItemId], 'capture')).toEqual([charge.dataItemId]);
  });

  it('charges an item once for many who reserve it at the same time, at the price of the first', async () => {
    await balances.credit('carol', 1000n, 'arweave', 'tx-carol');
    const id = anId();
    const tries = Array.from({ length: 30 }, (_, index) =>
      reservations.reserve([chargeOf('carol', 10n + BigInt(index), id)]),
    );
    const prices = new Set((await Promise.all(tries)).map((reserved) => reserved.get(id)));
    expect(prices.size).toBe(1);
    const [price] = prices;
    expect(await funds('carol')).toEqual([1000n - price!, price]);
  });

  it('never lets many at once spend more than there is', async () => {
    await balances.credit('dave', 100n, 'arweave', 'tx-dave');
    const tries = Array.from({ length: 30 }, () => reservations.reserve([chargeOf('dave', 7n)]));
    const paid = (await Promise.all(tries)).filter((reserved) => reserved.size === 1);
    expect(paid.length).toBe(14);
    expect(await funds('dave')).toEqual([2n, 98n]);
  });

  it('moves the credits of an item once for each settlement, also when it is told by many at once', async () => {
    await balances.credit('erin', 100n, 'arweave', 'tx-erin');
    const [kept, dropped, failed] = [chargeOf('erin', 10n), chargeOf('erin', 20n), chargeOf('erin', 30n)];
    await reservations.reserve([kept!, dropped!, failed!]);
    const many = async (ids: string[], settlement: 'capture' | 'release' | 'refund'): Promise<string[]> =>
      (await Promise.all(Array.from({ length: 10 }, () => reservations.settle(ids, settlement)))).flat();
    const accepted = [kept!.dataItemId, failed!.dataItemId];
    expect((await many(accepted, 'capture')).toSorted()).toEqual(accepted.toSorted());
    expect(await many([dropped!.dataItemId], 'release')).toEqual([dropped!.dataItemId]);
    expect(await many([failed!.dataItemId], 'refund')).toEqual([failed!.dataItemId]);
    // Too late for each of them.
    expect(await many([kept!.dataItemId, dropped!.dataItemId], 'release')).toEqual([]);
    expect(await many([dropped!.dataItemId, failed!.dataItemId], 'capture')).toEqual([]);
    expect(await many([dropped!.dataItemId, failed!.dataItemId], 'refund')).toEqual([]);
    expect(await funds('erin')).toEqual([90n, 0n]);
    expect(await ledger.reservations(failed!.dataItemId)).toEqual([['refunded', 30n]]);
  });

  it('charges an item anew that was given back', async () => {
    await balances.credit('frank', 100n, 'arweave', 'tx-frank');
    const charge = chargeOf('frank', 10n);
    await reservations.reserve([charge]);
    await reservations.settle([charge.dataItemId], 'release');
    expect(await reservations.reserve([{ ...charge, winc: 15n }])).toEqual(new Map([[charge.dataItemId, 15n]]));
    expect(await funds('frank')).toEqual([85n, 15n]);
  });

  it('names those that nobody has settled in time, and forgets that when they are asked for again', async () => {
    await balances.credit('grace', 100n, 'arweave', 'tx-grace');
    const charge = chargeOf('grace', 10n);
    await reservations.reserve([charge]);
    expect(await reservations.expired(1000)).not.toContain(charge.dataItemId);
    await ledger.expireReservations();
    expect(await reservations.expired(1000)).toContain(charge.dataItemId);
    await reservations.reserve([charge]);
    expect(await reservations.expired(1000)).not.toContain(charge.dataItemId);
  });

  it('refuses in the database itself to change a transfer or to overdraw a balance', async () => {
    const db = ledger.database.writer;
    await balances.credit('heidi', 5n, 'arweave', 'tx-heidi');
    for (const sql of ['update transfers set amount = 1', 'delete from transfers', 'truncate transfers']) {
      await expect(db.raw(sql)).rejects.toThrow('never changed');
    }
    await expect(
      db.raw(`insert into transfers (reason, reference, debited, credited, amount)
        select 'reserve', 'theft', a.id, h.id, 6 from accounts a, accounts h
        where a.kind = 'available' and a.owner = 'heidi' and h.kind = 'held' and h.owner = 'heidi'`),
    ).rejects.toThrow('accounts_never_overdrawn');
    expect(await funds('heidi')).toEqual([5n, 0n]);
  });
});
