import { setting } from './define.ts';
import { duration, integer } from './kinds.ts';

const roles = ['workers'] as const;
const day = 86_400_000;

export const nested = {
  unbundleMaxItems: setting({
    env: 'UNBUNDLE_MAX_ITEMS',
    path: 'pipeline.unbundle.maxItems',
    // The table of a bundle is held while its items are read.
    kind: integer({ min: 1, max: 100_000 }),
    default: 50_000,
    doc: 'Most items inside of one data item. A bundle that declares more than are left is not opened; the items beside it are.',
    roles,
    applies: 'live',
  }),
  unbundleMaxDepth: setting({
    env: 'UNBUNDLE_MAX_DEPTH',
    path: 'pipeline.unbundle.maxDepth',
    kind: integer({ min: 1, max: 32 }),
    default: 5,
    doc: 'How deep bundles are opened. 1 opens only the one that the accepted item carries.',
    roles,
    applies: 'live',
  }),
  offsetsTtl: setting({
    env: 'POSTGRES_OFFSETS_TTL_SECS',
    path: 'pipeline.offsetsTTL',
    kind: duration('s', { min: day, max: 3650 * day }),
    default: 365 * day,
    doc: 'How long places of nested items are known. Gateways know them from the chain.',
    roles,
    applies: 'live',
  }),
};
