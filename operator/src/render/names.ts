import { kebabName, type QueueName } from '@bundler/contract';

/** Names of the rendered objects, from the name of their BundlerConfig. */
export const uploadName = (config: string): string => `${config}-upload`;
export const combinedWorkersName = (config: string): string => `${config}-workers`;
export const queueWorkersName = (config: string, queue: QueueName): string => `${config}-${kebabName(queue)}`;

/** Names of container ports. */
export const HTTP_PORT = 'http';
export const ADMIN_PORT = 'admin';
