export * from './clock.ts';
export * from './controller.ts';
export * from './health.ts';
export * from './metrics.ts';
export * from './workqueue.ts';
