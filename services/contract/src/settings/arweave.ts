import { setting } from './define.ts';
import { duration, integer, text } from './kinds.ts';

const roles = ['upload', 'workers'] as const;

export const arweave = {
  arweaveGateway: setting({
    env: 'ARWEAVE_GATEWAY',
    path: 'arweave.gateway',
    kind: text(),
    default: 'https://arweave.net',
    doc: 'Gateway or node for height, price, anchors, posting and confirmations.',
    roles: [...roles, 'payment'],
  }),
  arweaveRequestTimeout: setting({
    env: 'ARWEAVE_NETWORK_REQUEST_TIMEOUT_MS',
    path: 'arweave.requestTimeout',
    kind: duration('ms', { min: 100, max: 600_000 }),
    default: 40_000,
    doc: 'How long one request to the gateway may take.',
    roles,
  }),
  arweaveRequestTries: setting({
    env: 'ARWEAVE_NETWORK_REQUEST_TRIES',
    path: 'arweave.requestTries',
    kind: integer({ min: 1, max: 20 }),
    default: 5,
    doc: 'Tries of one request before its job gives up for now. 429 and Retry-After are honoured between tries.',
    roles,
  }),
  arweaveWalletFile: setting({
    env: 'ARWEAVE_WALLET_FILE',
    path: null,
    kind: text(),
    doc: 'File with the JWK that signs receipts and bundles, mounted from a Secret.',
    roles,
    secret: true,
  }),
  arweaveConfirmations: setting({
    env: 'ARWEAVE_CONFIRMATIONS',
    path: 'arweave.confirmations',
    kind: integer({ min: 1, max: 1000 }),
    default: 18,
    doc: 'Confirmations after which a bundle is permanent.',
    roles: ['workers'],
    applies: 'live',
  }),
  arweaveAnchorBlocks: setting({
    env: 'ARWEAVE_ANCHOR_BLOCKS',
    path: 'arweave.anchorBlocks',
    kind: integer({ min: 10, max: 1000 }),
    default: 60,
    doc: 'A bundle that the network does not know this many blocks after it was signed is dropped, and its items are packed again. The network forgets an anchor after 50.',
    roles: ['workers'],
    applies: 'live',
  }),
};
