import { setting } from './define.ts';
import { boolean, duration, integer, list, text } from './kinds.ts';

const hour = 3_600_000;
/** Those that also hold for the payment service, which counts by itself. */
const both = ['upload', 'payment'] as const;
const roles = ['upload'] as const;

const octet = '(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])';
const IPV4 = new RegExp(`^(${octet}\\.){3}${octet}$`);

/** The contract knows no Node: whether text is an address of IPv6 is what the parser of URLs says. */
const isIpv6 = (address: string): boolean => address.includes(':') && URL.canParse(`http://[${address}]/`);

function isRange(entry: string): boolean {
  const [address = '', prefix] = entry.split('/');
  const bits = IPV4.test(address) ? 32 : isIpv6(address) ? 128 : -1;
  return prefix === undefined ? bits > 0 : Number(prefix) <= bits;
}

const addressRanges = () =>
  list({
    pattern: '^[0-9a-fA-F:.]{2,45}(/[0-9]{1,3})?$',
    must: 'addresses such as 192.0.2.7 or 2001:db8::/32',
    isValid: isRange,
  });

const COST = /^([A-Z]{3,7}) (\/[^ =,]{0,200})=([0-9]{1,3}(?:\.[0-9]{1,3})?)$/;

/**
 * What one request counts for, by method and route without `/v1`. Whoever follows an upload asks for its status again
 * and again: ten times cost as much as the upload did.
 */
const builtInCosts = ['GET /tx/:id/status=0.1', 'GET /tx/:id/offsets=0.1'];

/** The cost of each route that does not cost 1: the built-in ones, and over them those of the setting. */
export function routeCosts(entries: readonly string[]): ReadonlyMap<string, number> {
  return new Map(
    [...builtInCosts, ...entries].flatMap((entry) => {
      const [, method, route, cost] = COST.exec(entry) ?? [];
      return method === undefined ? [] : [[`${method} ${route}`, Number(cost)] as const];
    }),
  );
}

export const rateLimit = {
  rateLimitEnabled: setting({
    env: 'RATE_LIMIT_ENABLED',
    path: 'upload.rateLimit.enabled',
    kind: boolean(),
    default: true,
    doc: 'Whether requests are counted and limited. Load tests turn it off. Blocked addresses are refused either way.',
    roles: both,
    applies: 'live',
  }),
  rateLimitMaxRequests: setting({
    env: 'RATE_LIMIT_MAX_REQUESTS',
    path: 'upload.rateLimit.maxRequests',
    kind: integer({ min: 1, max: 1_000_000 }),
    default: 100,
    doc: 'Requests that one address may send in a window, over all processes; an IPv6 address stands for its /64. Further ones are answered with 429 and Retry-After. The payment service counts those to its public routes by themselves.',
    roles: both,
    applies: 'live',
  }),
  rateLimitAuthenticatedMax: setting({
    env: 'RATE_LIMIT_AUTHENTICATED_MAX',
    path: 'upload.rateLimit.authenticatedMaxRequests',
    kind: integer({ min: 1, max: 1_000_000 }),
    default: 1000,
    doc: 'Requests that the holder of an API key, or the subject of a token, may send in a window, from wherever.',
    roles,
    applies: 'live',
  }),
  rateLimitWindow: setting({
    env: 'RATE_LIMIT_WINDOW_MS',
    path: 'upload.rateLimit.window',
    kind: duration('ms', { min: 1000, max: 24 * hour }),
    default: 60_000,
    doc: 'The sliding window in which requests are counted.',
    roles: both,
    applies: 'live',
  }),
  rateLimitTimeout: setting({
    env: 'RATE_LIMIT_TIMEOUT_MS',
    path: 'upload.rateLimit.timeout',
    kind: duration('ms', { min: 10, max: 60_000 }),
    default: 100,
    doc: 'How long the Redis of the cache may take to count a request. After one that takes longer, requests pass uncounted for a second: limits never hold uploads up.',
    roles: both,
  }),
  rateLimitBlockedIps: setting({
    env: 'RATE_LIMIT_BLOCKED_IPS',
    path: 'upload.rateLimit.blockedIPs',
    kind: addressRanges(),
    default: [],
    doc: 'Addresses and ranges (CIDR) whose requests are refused with 403.',
    roles: both,
    applies: 'live',
  }),
  rateLimitUnlimitedIps: setting({
    env: 'RATE_LIMIT_UNLIMITED_IPS',
    path: 'upload.rateLimit.unlimitedIPs',
    kind: addressRanges(),
    default: [],
    doc: 'Addresses and ranges (CIDR) that are not limited.',
    roles: both,
    applies: 'live',
  }),
  rateLimitCosts: setting({
    env: 'RATE_LIMIT_COSTS',
    path: 'upload.rateLimit.costs',
    kind: list({ pattern: COST.source, must: 'costs such as POST /tx=2' }),
    default: [],
    doc: 'What a request of a route counts for, by method and route without /v1. Every route counts for 1 but `GET /tx/:id/status` and `GET /tx/:id/offsets`, which count for 0.1; 0 is not counted.',
    roles: both,
    applies: 'live',
  }),
  trustedProxies: setting({
    env: 'TRUSTED_PROXIES',
    path: 'upload.trustedProxies',
    kind: integer({ min: 0, max: 10 }),
    default: 0,
    doc: 'Proxies in front of the upload API and the payment service that add to X-Forwarded-For. That many entries are believed, counted from the right; what clients write themselves stands left of them.',
    roles: both,
    applies: 'live',
  }),
  jwtSecretsFile: setting({
    env: 'JWT_SECRETS_FILE',
    path: null,
    kind: text(),
    default: '',
    doc: 'File with the secrets of the tokens (JWT, HS256) that clients may have instead of an API key, mounted from a Secret: one or two lines of 32 characters or more. Tokens of both are good, new ones are signed with the first. Empty means that no token is good.',
    roles,
    secret: true,
  }),
  apiKeysFile: setting({
    env: 'API_KEYS_FILE',
    path: null,
    kind: text(),
    default: '',
    doc: 'File with the API keys that are known, mounted from a Secret: a line for each, with the SHA-256 of the key in hexadecimal digits and a name for it. Keys should be random, 32 bytes or so; clients send theirs as `Authorization: Bearer <key>`. Empty means that nobody has one.',
    roles,
    secret: true,
  }),
};
