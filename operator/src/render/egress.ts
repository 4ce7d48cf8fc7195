import type { SpecConfig } from '@bundler/contract';
import type { Part } from './manifest.ts';

/** What a program has to reach. */
export type Need =
  | 'database'
  | 'redis'
  | 'redisQueue'
  | 'redisCache'
  | 'objectStore'
  | 'arweave'
  | 'optical'
  | 'collector'
  | 'payment'
  | 'paymentDatabase'
  | 'cards'
  | 'mail'
  | 'rates'
  | 'networks';

const HTTPS = 443;

const DNS: Part = {
  ports: [
    { protocol: 'UDP', port: 53 },
    { protocol: 'TCP', port: 53 },
  ],
};

/**
 * DNS, the ports of what is needed, and what the spec adds. Ports and not addresses: those of databases and gateways
 * change, and a policy cannot name a host.
 */
export function egressOf(needs: readonly Need[], config: SpecConfig): readonly Part[] {
  const wanted = new Set(needs.flatMap((need) => portsOf[need](config)));
  const ports = [...wanted].toSorted((a, b) => a - b).map((port) => ({ protocol: 'TCP', port }));
  return [DNS, { ports }, ...config.networkPolicyExtraEgress];
}

const portsOf: Readonly<Record<Need, (config: SpecConfig) => number[]>> = {
  database: ({ databasePort }) => [databasePort],
  redis: ({ redisQueuePort, redisCachePort }) => [redisQueuePort, redisCachePort],
  redisQueue: ({ redisQueuePort }) => [redisQueuePort],
  redisCache: ({ redisCachePort }) => [redisCachePort],
  objectStore: ({ objectStoreDriver, s3Endpoint }) => (objectStoreDriver === 's3' ? [portOf(s3Endpoint)] : []),
  arweave: ({ arweaveGateway }) => [portOf(arweaveGateway)],
  optical: ({ opticalBridgeUrls }) => opticalBridgeUrls.map(portOf),
  payment: ({ paymentEnabled, paymentPort }) => (paymentEnabled ? [paymentPort] : []),
  paymentDatabase: ({ paymentDatabasePort, paymentEnabled }) => (paymentEnabled ? [paymentDatabasePort] : []),
  rates: ({ priceGateway, ratesUrl }) => [portOf(ratesUrl), ...(priceGateway === '' ? [] : [portOf(priceGateway)])],
  cards: ({ paymentHasStripe }) => (paymentHasStripe ? [HTTPS] : []),
  // The server is in a secret; one on another port is the spec's to add.
  mail: ({ paymentHasSmtp }) => (paymentHasSmtp ? [465, 587] : []),
  // Where their nodes are is a secret; those on other ports are the spec's to add.
  networks: ({ paymentNetworks, x402Facilitator }) => [
    ...(paymentNetworks.length > 0 ? [HTTPS] : []),
    ...(x402Facilitator === '' ? [] : [portOf(x402Facilitator)]),
  ],
  collector: ({ tracingEnabled, tracingEndpoint }) => (tracingEnabled ? [portOf(tracingEndpoint)] : []),
};

/** The port that a URL says or its scheme implies; that of https for text that is no URL, as for AWS's own endpoints. */
function portOf(text: string): number {
  if (!URL.canParse(text)) return HTTPS;
  const { port, protocol } = new URL(text);
  if (port !== '') return Number(port);
  return protocol === 'http:' ? 80 : HTTPS;
}
