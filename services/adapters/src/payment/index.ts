export * from './open.ts';
export * from './port.ts';
