export * from './free-only.ts';
export * from './health.ts';
export * from './open.ts';
export * from './port.ts';
