import type { Config } from '@bundler/contract';
import type { FastifyInstance } from 'fastify';

type Timeouts = Pick<Config, 'paymentRequestTimeout' | 'paymentKeepaliveTimeout' | 'paymentHeadersTimeout'>;

/** Every time limit of the server, in one place. Bodies are small here: a request that takes long is a slow attack. */
export function setTimeouts({ server }: FastifyInstance, config: Timeouts): void {
  server.timeout = config.paymentRequestTimeout;
  server.requestTimeout = config.paymentRequestTimeout;
  server.keepAliveTimeout = config.paymentKeepaliveTimeout;
  // Assigned, because as an option Node refuses a value above requestTimeout.
  server.headersTimeout = config.paymentHeadersTimeout;
}
