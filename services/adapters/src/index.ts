export * from './arweave/index.ts';
export * from './cache/index.ts';
export * from './db/index.ts';
export * from './object-store/index.ts';
export * from './payment/index.ts';
export * from './progress/index.ts';
export * from './queue/index.ts';
export * from './rate-limit/index.ts';
