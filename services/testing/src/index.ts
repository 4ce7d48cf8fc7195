export { createDatabase, openTestDatabase, type TestDatabase } from './database.ts';
export { REDIS_URL } from './global-setup.ts';
export { describeUnless } from './left-out.ts';
export { PaymentLedger } from './payment-ledger.ts';
export { Platform, type PlatformOptions, type PlatformProcess, type Victim } from './platform.ts';
export { findS3, type S3Server } from './s3-server.ts';
export { until } from './until.ts';
export { addressOf, testSigner, testWallet, testWalletFile } from './wallet.ts';
