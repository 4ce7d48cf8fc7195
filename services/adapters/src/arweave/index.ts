export * from './gateway.ts';
export * from './port.ts';
export * from './wallet.ts';
