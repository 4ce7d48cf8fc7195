import type { Knex } from '@bundler/adapters';

/**
 * Credit sharing. What an approval still holds is the balance of its account, of the kind `shared`. The account has a
 * ceiling: what was approved while the approval counts, and nothing once it has ended. So the database refuses to give
 * an approval more back than it ever had, to end one that still holds credits, and to give anything back to one that has
 * ended.
 */
export async function up(db: Knex): Promise<void> {
  await db.raw(`
    alter table accounts add column ceiling numeric(40, 0);
    alter table accounts add constraint accounts_never_overfilled check (balance <= ceiling);
    alter table accounts add constraint accounts_shared_have_a_ceiling check (kind <> 'shared' or ceiling is not null);

    alter table reservations add column paid_by text[] not null default '{}';

    create table approvals (
      id text primary key,
      account bigint not null unique references accounts,
      payer text not null,
      approved text not null,
      winc numeric(40, 0) not null check (winc > 0),
      state text not null default 'active' check (state in ('active', 'expired', 'revoked')),
      created_at timestamptz not null,
      expires_at timestamptz,
      ended_at timestamptz,
      returned numeric(40, 0) check (returned between 0 and winc),
      revoked_by text,
      check (payer <> approved),
      check ((state = 'active') = (ended_at is null)),
      check ((state = 'active') = (returned is null)),
      check ((state = 'revoked') = (revoked_by is not null))
    );
    create index approvals_given on approvals (payer, approved) where state = 'active';
    create index approvals_received on approvals (approved) where state = 'active';
    create index approvals_expiring on approvals (expires_at) where state = 'active';
    create index approvals_revoked on approvals (revoked_by) where state = 'revoked';

    create function close_approval() returns trigger language plpgsql as $$
    begin
      if old.state <> 'active' then
        raise exception 'approval % has ended: it never comes back', old.id;
      end if;
      update accounts set ceiling = 0 where id = new.account;
      return null;
    end $$;
    create trigger approvals_end_once after update on approvals
      for each row execute function close_approval();
  `);
}
