import type { Migrations } from '@bundler/adapters';
import * as ledger from './0001-ledger.ts';
import * as publicSide from './0002-public.ts';
import * as approvals from './0003-approvals.ts';
import * as cards from './0004-cards.ts';
import * as x402 from './0005-x402.ts';
import * as unclearX402 from './0006-unclear-x402.ts';
import * as earned from './0007-earned.ts';
import * as cardRefunds from './0008-card-refunds.ts';

/** Every migration of the payment service's database. */
export const paymentMigrations: Migrations = {
  '0001-ledger': ledger,
  '0002-public': publicSide,
  '0003-approvals': approvals,
  '0004-cards': cards,
  '0005-x402': x402,
  '0006-unclear-x402': unclearX402,
  '0007-earned': earned,
  '0008-card-refunds': cardRefunds,
};
