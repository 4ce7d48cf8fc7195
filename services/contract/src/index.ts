export * from './api/upload.ts';
export * from './errors.ts';
export * from './height.ts';
export * from './metrics.ts';
export * from './objectives.ts';
export * from './queues/index.ts';
export * from './settings/index.ts';
export * from './spec/index.ts';
