import { setting } from './define.ts';
import { duration, integer, list, text } from './kinds.ts';

const roles = ['workers'] as const;
const hour = 3_600_000;

export const optical = {
  opticalBridgeUrls: setting({
    env: 'OPTICAL_BRIDGE_URLS',
    path: 'optical.bridgeURLs',
    kind: list({ pattern: '^https?://[^\\s,]+$', must: 'URLs of http or https', isValid: URL.canParse }),
    default: [],
    doc: 'Where headers of accepted items are posted. These are the `queue-data-item` routes of gateways, which then serve the items before they are mined; each gets every header. Empty turns optical posts off.',
    // Who accepts an item records what is to be posted.
    roles: ['upload', 'workers'],
    applies: 'live',
  }),
  opticalBridgeKeys: setting({
    env: 'OPTICAL_BRIDGE_KEYS',
    path: null,
    kind: text(),
    default: '',
    doc: 'Keys that the bridges ask for, comma separated, in the order of OPTICAL_BRIDGE_URLS; an empty entry for one that asks for none.',
    roles,
    secret: true,
  }),
  opticalBatchSize: setting({
    env: 'OPTICAL_BATCH_SIZE',
    path: 'optical.batchSize',
    kind: integer({ min: 1, max: 500 }),
    default: 50,
    doc: 'Most headers in one post.',
    roles,
    applies: 'live',
  }),
  opticalRateMax: setting({
    env: 'OPTICAL_POST_RATE_MAX',
    path: 'optical.maxPostsPerSecond',
    kind: integer({ min: 1, max: 1000 }),
    default: 50,
    doc: 'Most posts a second to one bridge.',
    roles,
    applies: 'live',
  }),
  opticalMaxAge: setting({
    env: 'OPTICAL_MAX_AGE_MS',
    path: 'optical.maxAge',
    kind: duration('ms', { min: 60_000, max: 7 * 24 * hour }),
    default: 6 * hour,
    doc: 'When headers that a bridge does not take are given up. Gateways find mined items by themselves.',
    roles,
    applies: 'live',
  }),
  opticalTimeout: setting({
    env: 'OPTICAL_BREAKER_TIMEOUT_MS',
    path: 'optical.breaker.timeout',
    kind: duration('ms', { min: 100, max: 60_000 }),
    default: 10_000,
    doc: 'How long a bridge may take to answer. Longer counts as a failure, and a failure opens its breaker unless it is one of many posts in ten seconds.',
    roles,
  }),
  opticalResetTimeout: setting({
    env: 'OPTICAL_BREAKER_RESET_TIMEOUT_MS',
    path: 'optical.breaker.resetTimeout',
    kind: duration('ms', { min: 100, max: hour }),
    default: 30_000,
    doc: 'How long the breaker stays open. Then one post tries whether the bridge is back.',
    roles,
  }),
};
