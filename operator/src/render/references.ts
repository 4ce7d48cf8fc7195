import type { SpecConfig } from '@bundler/contract';
import type { PlatformValue } from './facts.ts';
import { mountedFiles } from './mounted-files.ts';
import { paymentName } from './names.ts';

/**
 * Values of the settings that have no place in the spec, as the spec's references to Secrets and its addresses imply
 * them, by environment variable.
 *
 * @param instance name of the BundlerConfig
 */
export function referencedEnv(config: SpecConfig, instance: string): Record<string, PlatformValue> {
  return {
    DB_WRITER_URL: inSecret(config.databaseSecretName, config.databaseWriterKey),
    ...optional('DB_READER_URL', config.databaseSecretName, config.databaseReaderKey),
    REDIS_QUEUE_URL: {
      value: redisUrl(config.redisQueueTls, config.redisQueueHost, config.redisQueuePort, config.redisQueueDatabase),
    },
    ...optional('REDIS_QUEUE_USERNAME', config.redisSecretName, config.redisQueueUsernameKey),
    ...optional('REDIS_QUEUE_PASSWORD', config.redisSecretName, config.redisQueuePasswordKey),
    REDIS_CACHE_URL: {
      value: redisUrl(config.redisCacheTls, config.redisCacheHost, config.redisCachePort, config.redisCacheDatabase),
    },
    ...optional('REDIS_CACHE_USERNAME', config.redisSecretName, config.redisCacheUsernameKey),
    ...optional('REDIS_CACHE_PASSWORD', config.redisSecretName, config.redisCachePasswordKey),
    ...optional('S3_ACCESS_KEY_ID', config.objectStoreSecretName, config.objectStoreAccessKeyIdKey),
    ...optional('S3_SECRET_ACCESS_KEY', config.objectStoreSecretName, config.objectStoreSecretAccessKeyKey),
    ...optional('OPTICAL_BRIDGE_KEYS', config.opticalSecretName, 'OPTICAL_BRIDGE_KEYS'),
    ...optional('TRACING_HEADERS', config.tracingSecretName, 'TRACING_HEADERS'),
    ...(config.paymentEnabled ? paymentEnv(config, instance) : {}),
    ...Object.fromEntries(mountedFiles(config).map(({ env, path }) => [env, { value: path }])),
  };
}

/** Where the payment service is, and what lets services into each other. */
function paymentEnv(config: SpecConfig, instance: string): Record<string, PlatformValue> {
  const { paymentHasSmtp, paymentHasStripe, paymentPort, paymentRotatingSecret, paymentSecretName } = config;
  const optionalKeys = [
    ...(paymentRotatingSecret ? ['PRIVATE_ROUTE_SECRET_BEFORE'] : []),
    ...(paymentHasStripe ? ['STRIPE_SECRET_KEY', 'STRIPE_WEBHOOK_SECRET'] : []),
    ...(paymentHasSmtp ? ['SMTP_URL'] : []),
    ...config.paymentNetworks.map((network) => nodeOf[network]!),
  ];
  return {
    PAYMENT_SERVICE_URL: { value: `http://${paymentName(instance)}:${paymentPort}` },
    ...optional('PAYMENT_DB_URL', paymentSecretName, 'PAYMENT_DB_URL'),
    ...optional('PRIVATE_ROUTE_SECRET', paymentSecretName, 'PRIVATE_ROUTE_SECRET'),
    ...Object.assign({}, ...optionalKeys.map((key) => optional(key, paymentSecretName, key))),
  };
}

/** The variable, and the key in the payment service's Secret, that says where a network's node is. */
const nodeOf: Readonly<Record<string, string>> = {
  ethereum: 'ETHEREUM_RPC_URL',
  base: 'BASE_RPC_URL',
  polygon: 'POLYGON_RPC_URL',
  solana: 'SOLANA_RPC_URL',
  kyve: 'KYVE_API_URL',
};

const inSecret = (name: string, key: string): PlatformValue => ({ secretKeyRef: { name, key } });

/** Nothing where there is no Secret, or no key in it for this. */
function optional(variable: string, name: string, key: string): Record<string, PlatformValue> {
  return name === '' || key === '' ? {} : { [variable]: inSecret(name, key) };
}

function redisUrl(tls: boolean, host: string, port: number, database: number): string {
  return `${tls ? 'rediss' : 'redis'}://${hostAndPort(host, port)}/${database}`;
}

/** An address as URLs and KEDA want it; that of IPv6 stands in brackets. */
export function hostAndPort(host: string, port: number): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}
