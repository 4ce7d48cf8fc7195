import { setting } from './define.ts';
import { boolean, bytes, integer, text } from './kinds.ts';

const roles = ['upload', 'workers'] as const;

export const objectStore = {
  objectStoreDriver: setting({
    env: 'OBJECT_STORE',
    path: 'objectStore.driver',
    kind: text({ values: ['fs', 's3'] }),
    default: 's3',
    doc: 'Where item bytes are kept: an S3 bucket, or a directory that all processes share.',
    roles,
  }),
  objectStoreDirectory: setting({
    env: 'OBJECT_STORE_DIR',
    path: 'objectStore.directory',
    kind: text(),
    default: '',
    doc: 'Directory of the fs driver.',
    roles,
  }),
  s3Endpoint: setting({
    env: 'S3_ENDPOINT',
    path: 'objectStore.s3.endpoint',
    kind: text(),
    default: '',
    doc: 'URL of an S3-compatible server; empty means AWS.',
    roles,
  }),
  s3Region: setting({
    env: 'S3_REGION',
    path: 'objectStore.s3.region',
    kind: text(),
    default: 'us-east-1',
    doc: 'Region of the bucket.',
    roles,
  }),
  s3Bucket: setting({
    env: 'S3_BUCKET',
    path: 'objectStore.s3.bucket',
    kind: text(),
    default: '',
    doc: 'Bucket of the s3 driver. It must exist.',
    roles,
  }),
  s3ForcePathStyle: setting({
    env: 'S3_FORCE_PATH_STYLE',
    path: 'objectStore.s3.forcePathStyle',
    kind: boolean(),
    default: false,
    doc: 'Put the bucket into the path and not into the host name, as most self-hosted servers need.',
    roles,
  }),
  s3PartSize: setting({
    env: 'S3_PART_SIZE',
    path: 'objectStore.s3.partSize',
    kind: bytes({ min: 5 * 1024 * 1024, max: 512 * 1024 * 1024 }),
    default: 8 * 1024 * 1024,
    doc: 'Part size of large uploads to S3. Each upload in progress holds up to two parts in memory; an object has at most 10000.',
    roles,
  }),
  s3MaxSockets: setting({
    env: 'S3_MAX_SOCKETS',
    path: 'objectStore.s3.maxSockets',
    kind: integer({ min: 1, max: 10_000 }),
    default: 256,
    doc: 'Connections one process may open to S3.',
    roles,
  }),
  s3AccessKeyId: setting({
    env: 'S3_ACCESS_KEY_ID',
    path: null,
    kind: text(),
    default: '',
    doc: 'Access key; empty means the identity of the machine or pod.',
    roles,
    secret: true,
  }),
  s3SecretAccessKey: setting({
    env: 'S3_SECRET_ACCESS_KEY',
    path: null,
    kind: text(),
    default: '',
    doc: 'Secret of the access key.',
    roles,
    secret: true,
  }),
};
