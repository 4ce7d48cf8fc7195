import type { Config } from './index.ts';

/** What is wrong, about which setting, and what would be right. */
export interface Violation {
  readonly setting: string;
  readonly message: string;
}

type Rule = (config: Partial<Config>) => Violation | undefined;

const both = (a: number | undefined, b: number | undefined): boolean => a !== undefined && b !== undefined;

/** The pool's minimum cannot be above its maximum. */
const poolBounds: Rule = ({ databasePoolMin: min, databasePoolMax: max }) =>
  both(min, max) && min! > max!
    ? { setting: 'DB_POOL_MIN', message: `is ${min}, above DB_POOL_MAX (${max}); lower it to ${max} or less` }
    : undefined;

/** Headers either come within a minute, or the scale plan's order holds: headers above keep-alive. */
const headersTimeout: Rule = ({ uploadHeadersTimeout: headers, uploadKeepaliveTimeout: keepAlive }) =>
  both(headers, keepAlive) && headers! > 60_000 && headers! <= keepAlive!
    ? {
        setting: 'UPLOAD_HEADERS_TIMEOUT_MS',
        message: `is ${headers} ms; it must be at most 60000, or above UPLOAD_KEEPALIVE_TIMEOUT_MS (${keepAlive})`,
      }
    : undefined;

/** A connection must outlive the longest silence between two requests that the idle limit allows. */
const keepAliveTimeout: Rule = ({ uploadKeepaliveTimeout: keepAlive, uploadRequestTimeout: request }) =>
  both(keepAlive, request) && keepAlive! <= request!
    ? {
        setting: 'UPLOAD_KEEPALIVE_TIMEOUT_MS',
        message: `is ${keepAlive} ms; it must be above UPLOAD_REQUEST_TIMEOUT_MS (${request})`,
      }
    : undefined;

/** A group holds a connection while it commits; more groups than connections only wait for each other. */
const groupConnections: Rule = ({ groupConcurrency: groups, databasePoolMax: max }) =>
  both(groups, max) && groups! > max!
    ? { setting: 'UPLOAD_GROUP_CONCURRENCY', message: `is ${groups}, above DB_POOL_MAX (${max})` }
    : undefined;

/** An upload that is still arriving must not look abandoned. */
const cleanupAge: Rule = ({ cleanupAfter, uploadMaxDuration: longest }) =>
  both(cleanupAfter, longest) && cleanupAfter! <= longest!
    ? {
        setting: 'CLEANUP_AFTER_MS',
        message: `is ${cleanupAfter} ms; it must be above UPLOAD_MAX_DURATION_MS (${longest})`,
      }
    : undefined;

/** Each driver needs to be told where its objects are. */
const objectStoreTarget: Rule = ({ objectStoreDriver: driver, objectStoreDirectory: directory, s3Bucket: bucket }) => {
  if (driver === 'fs' && directory === '') {
    return { setting: 'OBJECT_STORE_DIR', message: 'must name a directory when OBJECT_STORE is fs' };
  }
  if (driver === 's3' && bucket === '') {
    return { setting: 'S3_BUCKET', message: 'must name a bucket when OBJECT_STORE is s3' };
  }
  return undefined;
};

/** Every rule that looks at more than one setting. A rule whose settings are absent says nothing. */
export const rules: readonly Rule[] = [
  poolBounds,
  headersTimeout,
  keepAliveTimeout,
  groupConnections,
  cleanupAge,
  objectStoreTarget,
];
