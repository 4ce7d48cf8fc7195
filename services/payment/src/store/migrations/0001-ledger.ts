import type { Knex } from '@bundler/adapters';

/**
 * The ledger: a transfer takes an amount from one account and gives it to another, so that all balances always sum to
 * zero. Transfers are only ever added. Who adds one moves the two balances in the same transaction, because the database
 * does; a balance below zero is refused there too, but for `issued`, which is what has come in from outside.
 *
 * `available` is what its owner can spend and `held` what is reserved of it, `shared` what an approval holds for somebody else,
 * `earned` what uploads have cost. Owners are addresses, for `shared` the id of the approval.
 */
export async function up(db: Knex): Promise<void> {
  await db.raw(`
    create table accounts (
      id bigint generated always as identity primary key,
      kind text not null check (kind in ('available', 'held', 'shared', 'earned', 'issued')),
      owner text not null,
      balance numeric(40, 0) not null default 0,
      created_at timestamptz not null default now(),
      unique (kind, owner),
      constraint accounts_never_overdrawn check (balance >= 0 or kind = 'issued')
    );

    create table transfers (
      id bigint generated always as identity primary key,
      reason text not null check (reason in
        ('top-up', 'reserve', 'capture', 'release', 'refund', 'approve', 'revoke', 'expire')),
      reference text not null,
      debited bigint not null references accounts,
      credited bigint not null references accounts,
      amount numeric(40, 0) not null check (amount > 0),
      made_at timestamptz not null default now(),
      check (debited <> credited),
      unique (reference, reason, debited, credited)
    );

    create function move_balances() returns trigger language plpgsql as $$
    begin
      update accounts a set balance = a.balance + moved.amount
      from (
        select account, sum(amount) as amount from (
          select credited as account, amount from made union all select debited, -amount from made
        ) sides group by account
      ) moved
      where a.id = moved.account;
      return null;
    end $$;
    create trigger transfers_move_balances after insert on transfers
      referencing new table as made for each statement execute function move_balances();

    create function refuse_change() returns trigger language plpgsql as $$
    begin
      raise exception 'what is in % is never changed: make a transfer that sets it right', tg_table_name;
    end $$;
    create trigger transfers_are_final before update or delete or truncate on transfers
      for each statement execute function refuse_change();

    create table reservations (
      id bigint generated always as identity primary key,
      data_item_id text not null,
      signer text not null,
      byte_count bigint not null,
      winc numeric(40, 0) not null check (winc >= 0),
      state text not null default 'pending' check (state in ('pending', 'captured', 'released', 'refunded')),
      created_at timestamptz not null default now(),
      expires_at timestamptz not null,
      settled_at timestamptz
    );
    create unique index reservations_active on reservations (data_item_id) where state in ('pending', 'captured');
    create index reservations_pending on reservations (expires_at) where state = 'pending';

    create table schedules (
      name text primary key,
      last_run timestamptz not null
    );
  `);
}
