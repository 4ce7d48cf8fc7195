import { kebabName, type QueueName } from '@bundler/contract';

/** Names of the rendered objects, from the name of their BundlerConfig. With its 30 characters none exceeds 63. */
export const uploadName = (config: string): string => `${config}-upload`;
export const paymentName = (config: string): string => `${config}-payment`;
export const workersName = (config: string, queue: QueueName | undefined): string =>
  `${config}-${queue === undefined ? 'workers' : kebabName(queue)}`;
export const workersPolicyName = (config: string): string => `${config}-all-workers`;
export const migrationName = (config: string, hash: string, whose: '' | 'payment' = ''): string =>
  `${config}${whose === '' ? '' : `-${whose}`}-migrate-${hash.slice(0, 10)}`;
export const migrationsName = (config: string): string => `${config}-migrate`;
export const adminName = (config: string): string => `${config}-admin`;
export const liveName = (config: string): string => `${config}-live`;
export const redisQueueAuthName = (config: string): string => `${config}-redis-queue`;
export const monitorName = (config: string): string => `${config}-metrics`;
export const serviceAccountName = (config: string): string => config;

/** The label `component` of each program. */
export const UPLOAD_COMPONENT = 'upload';
export const PAYMENT_COMPONENT = 'payment';
export const ADMIN_COMPONENT = 'admin';
export const MIGRATIONS_COMPONENT = 'migrations';
export const SHARED_COMPONENT = 'shared';
export const workersComponent = (queue: QueueName | undefined): string =>
  queue === undefined ? 'workers' : `workers-${kebabName(queue)}`;

/** Names of container ports. */
export const HTTP_PORT = 'http';
export const ADMIN_PORT = 'admin';

/** The key of the live ConfigMap, and so the name of the file that the pods see. */
export const LIVE_KEY = 'live.json';
