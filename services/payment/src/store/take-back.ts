import type { Knex } from '@bundler/adapters';
import { planReturn, planTaking } from '../ledger/take-back.ts';
import { type AccountName, addTransfers, lockAccounts, nameOf, openAccounts, type Transfer } from './accounts.ts';

/** Who has what a payment had bought: its gift, whose owner is the quote, or an address. */
export interface Holder {
  readonly kind: 'available' | 'gift';
  readonly owner: string;
}

/** One movement of credits, and why. */
export interface Movement extends Pick<Transfer, 'reason' | 'reference'> {
  readonly winc: bigint;
}

/** Who has what a quote has bought; a gift's is locked, so that nobody redeems it meanwhile. */
export async function holderOf(trx: Knex, quote: string): Promise<Holder> {
  const { rows } = await trx.raw<{ rows: { redeemedBy: string | null }[] }>(
    `select redeemed_by as "redeemedBy" from gifts where quote = ? for update`,
    [quote],
  );
  if (rows[0]) {
    return rows[0].redeemedBy === null
      ? { kind: 'gift', owner: quote }
      : { kind: 'available', owner: rows[0].redeemedBy };
  }
  const quotes = await trx.raw<{ rows: { destination: string }[] }>(
    'select destination from card_quotes where id = ?',
    [quote],
  );
  return { kind: 'available', owner: quotes.rows[0]!.destination };
}

/** Takes credits from who has them to another account; what is spent of them is owed. */
export async function takeBack(trx: Knex, holder: Holder, to: AccountName, movement: Movement): Promise<void> {
  const { accounts, owed, source, target } = await lockFor(trx, holder, to);
  const plan = planTaking(movement.winc, accounts.get(nameOf(...source))!.balance);
  await move(trx, accounts, movement, [
    [source, target, plan.taken],
    [owed, target, plan.owed],
  ]);
}

/** Gives credits that were taken to who has what is left of them; what is owed is paid first. */
export async function bringBack(trx: Knex, holder: Holder, from: AccountName, movement: Movement): Promise<void> {
  const { accounts, owed, source, target } = await lockFor(trx, holder, from);
  const plan = planReturn(movement.winc, accounts.get(nameOf(...owed))!.balance);
  await move(trx, accounts, movement, [
    [target, owed, plan.repaid],
    [target, source, plan.returned],
  ]);
}

type Accounts = Awaited<ReturnType<typeof lockAccounts>>;

async function lockFor(trx: Knex, { kind, owner }: Holder, target: AccountName) {
  const [source, owed]: [AccountName, AccountName] = [
    [kind, owner],
    ['owed', owner],
  ];
  await openAccounts(trx, [source, target, owed]);
  return { accounts: await lockAccounts(trx, [source, target, owed]), owed, source, target };
}

/** Adds those transfers that move something. */
async function move(
  trx: Knex,
  accounts: Accounts,
  { reason, reference }: Movement,
  moves: readonly (readonly [debited: AccountName, credited: AccountName, amount: bigint])[],
): Promise<void> {
  const idOf = (name: AccountName): number => accounts.get(nameOf(...name))!.id;
  const some = moves.filter(([, , amount]) => amount > 0n);
  await addTransfers(
    trx,
    some.map(([from, to, amount]) => ({ reason, reference, debited: idOf(from), credited: idOf(to), amount })),
  );
}
