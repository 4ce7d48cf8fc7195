export type { OrphanedTxs } from './chain/chain.ts';
export type { ChunkError } from './chunks/chunk-post.ts';
export type { Fault } from './faults/fault.ts';
export { type Gateway, type GatewayOptions, startGateway } from './gateway.ts';
export type { RouteCount } from './http/request-counts.ts';
export type { DataItem } from './items/data-item.ts';
export type { Price } from './price.ts';
