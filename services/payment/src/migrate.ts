import { migrate, openDatabase } from '@bundler/adapters';
import { MIGRATION_CONNECTIONS } from '@bundler/contract';
import { createLogger, createMetrics, loadConfig } from '@bundler/runtime';
import { databaseConfig } from './database-config.ts';
import { paymentMigrations } from './store/migrations/index.ts';

// Runs to its end before a new version starts: a Job in a cluster, a step of `make up` on one machine.
const config = loadConfig('paymentMigrations', process.env);
const logger = createLogger('payment-migrate', 'info');
const use = { name: 'bundler-payment-migrate', queryTimeoutMs: 3_600_000, min: 0, max: MIGRATION_CONNECTIONS };
const database = openDatabase(databaseConfig(config), use, logger, createMetrics());
try {
  const ran = await migrate(database.writer, paymentMigrations);
  logger.info({ ran }, ran.length > 0 ? 'schema brought up to date' : 'schema is up to date');
} finally {
  await database.close();
}
