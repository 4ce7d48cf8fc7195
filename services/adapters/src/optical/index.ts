export * from './bridge.ts';
export * from './bridges.ts';
