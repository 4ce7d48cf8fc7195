import type { Config } from '@bundler/contract';
import type { FastifyInstance } from 'fastify';

type Timeouts = Pick<
  Config,
  'uploadRequestTimeout' | 'uploadKeepaliveTimeout' | 'uploadHeadersTimeout' | 'uploadMaxDuration'
>;

/**
 * Every time limit of the server, in one place. Called again, it changes those of requests to come; the idle limit of a
 * connection is the one it was opened with.
 */
export function setTimeouts({ server }: FastifyInstance, config: Timeouts): void {
  // Silence on a connection; not the length of a request.
  server.timeout = config.uploadRequestTimeout;
  // The whole request. Node's default of 5 minutes would cut a slow large upload.
  server.requestTimeout = config.uploadMaxDuration;
  server.keepAliveTimeout = config.uploadKeepaliveTimeout;
  // Assigned, because as an option Node refuses a value above requestTimeout.
  server.headersTimeout = config.uploadHeadersTimeout;
}
