import type { Knex } from '@bundler/adapters';

/**
 * Refunds that somebody makes by hand. `card_refunds` is what was told of them, `refunded_winc` what was taken back for
 * them; of a payment that is refunded a dispute may find nothing left to take, until the refund fails: so it says how much of
 * the payment it is about. Disputes from before do not; what they had taken says the same. Reasons of the transfers that are there are
 * not checked again: there are many, and the old check was narrower.
 */
export async function up(db: Knex): Promise<void> {
  await db.raw(`
    create table card_refunds (
      id text primary key,
      payment_intent text not null,
      state text not null check (state in ('total', 'made', 'failed')),
      amount bigint not null check (amount >= 0)
    );
    create index card_refunds_payment on card_refunds (payment_intent);

    alter table card_quotes add column refunded_winc numeric(40, 0) not null default 0
      check (refunded_winc between 0 and winc);

    alter table disputes drop constraint disputes_winc_check;
    alter table disputes add constraint disputes_winc_check check (winc >= 0), add column amount bigint;
    create index disputes_quote on disputes (quote);

    alter table transfers drop constraint transfers_reason_check;
    alter table transfers add constraint transfers_reason_check check (reason in
      ('top-up', 'reserve', 'capture', 'release', 'refund', 'approve', 'revoke', 'expire',
       'redeem', 'dispute', 'dispute-won', 'dispute-lost', 'repay', 'card-refund', 'card-refund-failed',
       'dispute-refunded')) not valid;
  `);
}
