import { arweaveFaults } from './arweave.ts';
import { clientFaults } from './clients.ts';
import { databaseFaults } from './database.ts';
import type { Fault } from './fault.ts';
import { paymentFaults } from './payment.ts';
import { storeFaults } from './stores.ts';
import { workerFaults } from './workers.ts';

/** All that goes wrong in a fire drill. */
export const faults: readonly Fault[] = [
  ...paymentFaults,
  ...databaseFaults,
  ...storeFaults,
  ...workerFaults,
  ...arweaveFaults,
  ...clientFaults,
];

export type { Fault } from './fault.ts';
