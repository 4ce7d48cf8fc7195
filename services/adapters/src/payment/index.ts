export * from './free-only.ts';
export * from './port.ts';
