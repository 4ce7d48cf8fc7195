import type { Migrations } from '@bundler/adapters';
import * as ledger from './0001-ledger.ts';

/** Every migration of the payment service's database. */
export const paymentMigrations: Migrations = { '0001-ledger': ledger };
