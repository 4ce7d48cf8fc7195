import type { Config } from './index.ts';

/** What is wrong, about which setting, and what would be right. */
export interface Violation {
  readonly setting: string;
  readonly message: string;
}

type Check = (config: Partial<Config>) => Violation | undefined;

/** One rule between settings. A process checks it when it starts, `readSpec` when a spec is read. */
export interface Rule {
  /** Names the rule, in code and in tests. */
  readonly name: string;
  /** The rule in one sentence without numbers: what an API server that can compute none says. */
  readonly says: string;
  readonly check: Check;
}

const both = (a: number | undefined, b: number | undefined): boolean => a !== undefined && b !== undefined;

/** The pool's minimum cannot be above its maximum. */
const poolBounds: Check = ({ databasePoolMin: min, databasePoolMax: max }) =>
  both(min, max) && min! > max!
    ? { setting: 'DB_POOL_MIN', message: `is ${min}, above DB_POOL_MAX (${max}); lower it to ${max} or less` }
    : undefined;

/** Headers either come within a minute, or the scale plan's order holds: headers above keep-alive. */
const headersTimeout: Check = ({ uploadHeadersTimeout: headers, uploadKeepaliveTimeout: keepAlive }) =>
  both(headers, keepAlive) && headers! > 60_000 && headers! <= keepAlive!
    ? {
        setting: 'UPLOAD_HEADERS_TIMEOUT_MS',
        message: `is ${headers} ms; it must be at most 60000, or above UPLOAD_KEEPALIVE_TIMEOUT_MS (${keepAlive})`,
      }
    : undefined;

/** A connection must outlive the longest silence between two requests that the idle limit allows. */
const keepAliveTimeout: Check = ({ uploadKeepaliveTimeout: keepAlive, uploadRequestTimeout: request }) =>
  both(keepAlive, request) && keepAlive! <= request!
    ? {
        setting: 'UPLOAD_KEEPALIVE_TIMEOUT_MS',
        message: `is ${keepAlive} ms; it must be above UPLOAD_REQUEST_TIMEOUT_MS (${request})`,
      }
    : undefined;

/** The same for the payment service, whose requests are short. */
const paymentKeepAliveTimeout: Check = ({ paymentKeepaliveTimeout: keepAlive, paymentRequestTimeout: request }) =>
  both(keepAlive, request) && keepAlive! <= request!
    ? {
        setting: 'PAYMENT_KEEPALIVE_TIMEOUT_MS',
        message: `is ${keepAlive} ms; it must be above PAYMENT_REQUEST_TIMEOUT_MS (${request})`,
      }
    : undefined;

/** What nobody has a wallet for cannot be taken. */
const paymentWallets: Check = (config) => {
  const wallets = [
    ['ethereum', 'PAYMENT_EVM_ADDRESS', config.paymentEvmWallet],
    ['base', 'PAYMENT_EVM_ADDRESS', config.paymentEvmWallet],
    ['polygon', 'PAYMENT_EVM_ADDRESS', config.paymentEvmWallet],
    ['solana', 'PAYMENT_SOLANA_ADDRESS', config.paymentSolanaWallet],
    ['kyve', 'PAYMENT_KYVE_ADDRESS', config.paymentKyveWallet],
  ] as const;
  const missing = wallets.find(([network, , wallet]) => config.paymentNetworks?.includes(network) && wallet === '');
  if (!missing) return undefined;
  const [network, setting] = missing;
  return { setting, message: `must name the wallet that takes the tokens of ${network}, which PAYMENT_NETWORKS names` };
};

/** An upload that is merely slow must not lose its mark: another process would take the item a second time. */
const inFlightTtl: Check = ({ inFlightTtl: ttl, uploadRequestTimeout: request }) =>
  both(ttl, request) && ttl! < request!
    ? {
        setting: 'IN_FLIGHT_DATA_ITEM_TTL_SECS',
        message: `is ${ttl! / 1000} s; it must be at least UPLOAD_REQUEST_TIMEOUT_MS (${request})`,
      }
    : undefined;

/** A group holds a connection while it commits; more groups than connections only wait for each other. */
const groupConnections: Check = ({ groupConcurrency: groups, databasePoolMax: max }) =>
  both(groups, max) && groups! > max!
    ? { setting: 'UPLOAD_GROUP_CONCURRENCY', message: `is ${groups}, above DB_POOL_MAX (${max})` }
    : undefined;

/** An upload that is still arriving must not look abandoned. */
const cleanupAge: Check = ({ cleanupAfter, uploadMaxDuration: longest }) =>
  both(cleanupAfter, longest) && cleanupAfter! <= longest!
    ? {
        setting: 'CLEANUP_AFTER_MS',
        message: `is ${cleanupAfter} ms; it must be above UPLOAD_MAX_DURATION_MS (${longest})`,
      }
    : undefined;

/** A chunk size that satisfies both ends must exist. */
const chunkBounds: Check = ({ multipartMinChunkSize: min, multipartMaxChunkSize: max }) =>
  both(min, max) && min! > max!
    ? { setting: 'MULTIPART_MIN_CHUNK_SIZE', message: `is ${min}, above MULTIPART_MAX_CHUNK_SIZE (${max})` }
    : undefined;

/** Each driver needs to be told where its objects are. */
const objectStoreTarget: Check = ({ objectStoreDriver: driver, objectStoreDirectory: directory, s3Bucket: bucket }) => {
  if (driver === 'fs' && directory === '') {
    return { setting: 'OBJECT_STORE_DIR', message: 'must name a directory when OBJECT_STORE is fs' };
  }
  if (driver === 's3' && bucket === '') {
    return { setting: 'S3_BUCKET', message: 'must name a bucket when OBJECT_STORE is s3' };
  }
  return undefined;
};

/** Looking for idle connections less often than they become idle would close them late. */
const reapInterval: Check = ({ databaseReapInterval: reap, databaseIdleTimeout: idle }) =>
  both(reap, idle) && reap! > idle!
    ? { setting: 'DB_REAP_INTERVAL', message: `is ${reap} ms; it must be at most DB_IDLE_TIMEOUT (${idle})` }
    : undefined;

/** Every rule that looks at more than one setting. A rule whose settings are absent says nothing. */
export const rules: readonly Rule[] = [
  { name: 'poolBounds', says: 'pool.min must not exceed pool.max', check: poolBounds },
  { name: 'reapInterval', says: 'pool.reapInterval must not exceed pool.idleTimeout', check: reapInterval },
  {
    name: 'headersTimeout',
    says: 'timeouts.headers must be at most 60s, or exceed timeouts.keepAlive',
    check: headersTimeout,
  },
  { name: 'keepAliveTimeout', says: 'timeouts.keepAlive must exceed timeouts.request', check: keepAliveTimeout },
  {
    name: 'paymentKeepAliveTimeout',
    says: 'payment.timeouts.keepAlive must exceed payment.timeouts.request',
    check: paymentKeepAliveTimeout,
  },
  {
    name: 'paymentWallets',
    says: 'payment.networks needs the wallets of its networks: payment.evm.address, solanaAddress, kyveAddress',
    check: paymentWallets,
  },
  { name: 'inFlightTtl', says: 'upload.inFlightTTL must be at least timeouts.request', check: inFlightTtl },
  {
    name: 'groupConnections',
    says: 'upload.grouping.concurrency must not exceed database.pool.max',
    check: groupConnections,
  },
  {
    name: 'chunkBounds',
    says: 'upload.multipart.minChunkSize must not exceed upload.multipart.maxChunkSize',
    check: chunkBounds,
  },
  { name: 'cleanupAge', says: 'pipeline.cleanupAfter must exceed upload.timeouts.maxDuration', check: cleanupAge },
  {
    name: 'objectStoreTarget',
    says: 'objectStore.driver s3 needs objectStore.s3.bucket, fs needs objectStore.directory',
    check: objectStoreTarget,
  },
];
