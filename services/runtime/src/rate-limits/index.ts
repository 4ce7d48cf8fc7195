export { clientAddress, countedAddress } from './client-address.ts';
export { addRateLimits } from './hook.ts';
export type * from './port.ts';
export { decisionOf, type Identity, RateLimits } from './rate-limits.ts';
