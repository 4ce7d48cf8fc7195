import type { Knex } from '@bundler/adapters';

/**
 * Cards, gifts, promo codes, and what those who look after the service do with accounts.
 *
 * `gift` holds the credits of a gift until somebody redeems it, `disputed` what a disputed payment had bought until the
 * dispute is over. `owed` is what somebody has spent of a payment that was taken back: it alone, beside `issued`, is
 * below zero, and what they are given next pays it first.
 */
export async function up(db: Knex): Promise<void> {
  await db.raw(`
    alter table accounts drop constraint accounts_kind_check, drop constraint accounts_never_overdrawn;
    alter table accounts
      add constraint accounts_kind_check check
        (kind in ('available', 'held', 'shared', 'earned', 'issued', 'gift', 'disputed', 'owed')),
      add constraint accounts_never_overdrawn check (balance >= 0 or kind in ('issued', 'owed'));
    create index accounts_in_debt on accounts (owner) where kind = 'owed' and balance < 0;

    alter table transfers drop constraint transfers_reason_check;
    alter table transfers add constraint transfers_reason_check check (reason in
      ('top-up', 'reserve', 'capture', 'release', 'refund', 'approve', 'revoke', 'expire',
       'redeem', 'dispute', 'dispute-won', 'dispute-lost', 'repay'));

    create table promo_codes (
      code text primary key check (code ~ '^[A-Za-z0-9_-]{1,64}$'),
      percent integer check (percent between 1 and 99),
      amount bigint check (amount > 0),
      currency text,
      min_amount bigint check (min_amount > 0),
      starts_at timestamptz not null default now(),
      ends_at timestamptz,
      max_uses integer check (max_uses > 0),
      new_users_only boolean not null default false,
      once_per_address boolean not null default false,
      created_at timestamptz not null default now(),
      check ((percent is null) <> (amount is null)),
      check (currency is not null or (amount is null and min_amount is null))
    );

    create table card_quotes (
      id uuid primary key,
      destination text not null,
      is_gift boolean not null,
      gift_message text,
      currency text not null,
      quoted_amount bigint not null check (quoted_amount > 0),
      payment_amount bigint not null check (payment_amount > 0),
      winc numeric(40, 0) not null check (winc > 0),
      promo_codes text[] not null default '{}',
      state text not null default 'open' check (state in ('open', 'paid', 'failed')),
      payment_intent text unique,
      gift text,
      created_at timestamptz not null default now(),
      expires_at timestamptz not null,
      settled_at timestamptz
    );
    create index card_quotes_promo_codes on card_quotes using gin (promo_codes) where promo_codes <> '{}';
    create index card_quotes_history on card_quotes (destination, settled_at desc) where state = 'paid';

    create table card_events (
      id text primary key,
      body jsonb not null,
      received_at timestamptz not null default now(),
      next_try_at timestamptz not null default now(),
      tries integer not null default 0,
      handled_at timestamptz,
      outcome text,
      last_error text
    );
    create index card_events_waiting on card_events (next_try_at) where handled_at is null;

    create table disputes (
      id text primary key,
      quote uuid not null references card_quotes,
      address text not null,
      state text not null check (state in ('open', 'won', 'lost')),
      winc numeric(40, 0) not null check (winc > 0),
      opened_at timestamptz not null default now(),
      closed_at timestamptz
    );
    create index disputes_address on disputes (address);

    create table gifts (
      id text primary key,
      quote uuid not null unique references card_quotes,
      email text not null,
      winc numeric(40, 0) not null,
      expires_at timestamptz not null,
      state text not null default 'open' check (state in ('open', 'redeemed', 'void')),
      redeemed_by text,
      redeemed_at timestamptz
    );

    create table flagged_accounts (
      address text primary key,
      reason text not null,
      flagged_at timestamptz not null default now()
    );

    create table outbox (
      id bigint generated always as identity primary key,
      kind text not null check (kind in ('refund', 'gift-mail')),
      reference text not null,
      body jsonb not null,
      created_at timestamptz not null default now(),
      next_try_at timestamptz not null default now(),
      tries integer not null default 0,
      done_at timestamptz,
      last_error text,
      unique (kind, reference)
    );
    create index outbox_waiting on outbox (next_try_at) where done_at is null;

    create table admin_acts (
      id bigint generated always as identity primary key,
      admin text not null,
      action text not null,
      subject text not null,
      details jsonb not null,
      made_at timestamptz not null default now()
    );
    create trigger admin_acts_are_final before update or delete or truncate on admin_acts
      for each statement execute function refuse_change();
  `);
}
