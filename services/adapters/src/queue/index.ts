export * from './consumer.ts';
export * from './inspector.ts';
export * from './producer.ts';
