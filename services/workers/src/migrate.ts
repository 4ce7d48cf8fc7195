import { migrate, openDatabase } from '@bundler/adapters';
import { MIGRATION_CONNECTIONS } from '@bundler/contract';
import { createLogger, createMetrics, loadConfig } from '@bundler/runtime';

// Runs to its end before a new version starts: a Job in a cluster, a step of `make up` on one machine.
const config = loadConfig('migrations', process.env);
// The level of the others is a live setting; a run of some seconds has no use for one.
const logger = createLogger('migrate', 'info');
const database = openDatabase(
  config,
  { name: 'bundler-migrate', queryTimeoutMs: 3_600_000, min: 0, max: MIGRATION_CONNECTIONS },
  logger,
  createMetrics(),
);
try {
  const ran = await migrate(database.writer);
  logger.info({ ran }, ran.length > 0 ? 'schema brought up to date' : 'schema is up to date');
} finally {
  await database.close();
}
