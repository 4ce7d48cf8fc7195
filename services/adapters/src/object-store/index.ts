import type { Config } from '@bundler/contract';
import type { Metrics } from '@bundler/runtime';
import { FsObjectStore } from './fs.ts';
import { measuredStore } from './measured.ts';
import type { ObjectStore } from './port.ts';
import { S3ObjectStore } from './s3.ts';

export { FsObjectStore } from './fs.ts';
export * from './port.ts';
export { S3ObjectStore, type S3Options } from './s3.ts';

type ObjectStoreConfig = Pick<
  Config,
  | 'objectStoreDriver'
  | 'objectStoreDirectory'
  | 's3Endpoint'
  | 's3Region'
  | 's3Bucket'
  | 's3ForcePathStyle'
  | 's3MaxSockets'
  | 's3PartSize'
  | 's3AccessKeyId'
  | 's3SecretAccessKey'
>;

/** Opens the store that the settings name. */
export function openObjectStore(
  config: ObjectStoreConfig,
  metrics: Pick<Metrics, 'objectStoreOperations'>,
): ObjectStore {
  return measuredStore(openDriver(config), metrics);
}

function openDriver(config: ObjectStoreConfig): ObjectStore {
  if (config.objectStoreDriver === 'fs') return new FsObjectStore(config.objectStoreDirectory);
  return new S3ObjectStore({
    endpoint: config.s3Endpoint,
    region: config.s3Region,
    bucket: config.s3Bucket,
    forcePathStyle: config.s3ForcePathStyle,
    maxSockets: config.s3MaxSockets,
    partSize: config.s3PartSize,
    accessKeyId: config.s3AccessKeyId,
    secretAccessKey: config.s3SecretAccessKey,
  });
}
