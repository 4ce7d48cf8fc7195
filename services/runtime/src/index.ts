export * from './admin-server.ts';
export * from './config.ts';
export * from './lifecycle.ts';
export * from './live-settings/index.ts';
export * from './log.ts';
export * from './metrics.ts';
export * from './thread-priority.ts';
