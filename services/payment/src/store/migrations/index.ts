import type { Migrations } from '@bundler/adapters';
import * as ledger from './0001-ledger.ts';
import * as publicSide from './0002-public.ts';

/** Every migration of the payment service's database. */
export const paymentMigrations: Migrations = { '0001-ledger': ledger, '0002-public': publicSide };
