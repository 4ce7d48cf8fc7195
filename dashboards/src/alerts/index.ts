import { breakerAlerts } from './breakers.ts';
import { budgetAlerts } from './budgets.ts';
import { databaseAlerts } from './database.ts';
import type { Alert } from './define.ts';
import { operatorAlerts } from './operator.ts';
import { paymentAlerts } from './payment.ts';
import { pipelineAlerts } from './pipeline.ts';
import { processAlerts } from './processes.ts';
import { queueAlerts } from './queues.ts';
import { storeAlerts } from './stores.ts';
import { uploadAlerts } from './upload.ts';

export type { Alert, Given, Look, Proof, Rule, Severity, Team } from './define.ts';
export { notDrilled } from './not-drilled.ts';

/** Every alert, by the group that can be switched off as a whole. A new one is an entry in one of these lists. */
export const alertGroups = {
  upload: uploadAlerts,
  breakers: breakerAlerts,
  queues: queueAlerts,
  pipeline: pipelineAlerts,
  payment: paymentAlerts,
  database: databaseAlerts,
  stores: storeAlerts,
  processes: processAlerts,
  operator: operatorAlerts,
  budgets: budgetAlerts,
} as const satisfies Record<string, readonly Alert[]>;

export type AlertGroup = keyof typeof alertGroups;
export const alerts: readonly Alert[] = Object.values(alertGroups).flat();
