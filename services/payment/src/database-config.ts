import type { Config } from '@bundler/contract';

type PoolConfig = Pick<
  Config,
  'paymentDatabaseUrl' | 'databaseAcquireTimeout' | 'databaseIdleTimeout' | 'databaseReapInterval'
>;

/** The payment service's own database, without a replica: no balance may be read from one that is behind. */
export function databaseConfig({ paymentDatabaseUrl, ...pool }: PoolConfig) {
  return { ...pool, databaseWriterUrl: paymentDatabaseUrl, databaseReaderUrl: '' };
}
