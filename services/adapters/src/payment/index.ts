export * from './admin-client.ts';
export * from './free-only.ts';
export * from './health.ts';
export * from './open.ts';
export * from './port.ts';
export * from './share-credits.ts';
export { noCreditSharing } from './sharing.ts';
export type { X402Payments } from './x402.ts';
