import { Server as NetServer } from 'node:net';
import type { Config } from '@bundler/contract';
import type { Logger, Metrics } from '@bundler/runtime';
import type { FastifyInstance } from 'fastify';

type Timeouts = Pick<
  Config,
  'uploadRequestTimeout' | 'uploadKeepaliveTimeout' | 'uploadHeadersTimeout' | 'uploadMaxDuration'
>;

/** How long idle connections stay open while draining, so that a request on its way meets an answer, milliseconds. */
const IDLE_GRACE_MS = 3000;
const LOOK_MS = 50;

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

/** Ends connections whose time is over, and those on which something else than HTTP came. */
export function watchTimeouts({ server }: FastifyInstance, logger: Logger, metrics: Metrics): void {
  server.on('timeout', (socket) => {
    metrics.httpTimeouts.inc();
    logger.debug({ remoteAddress: socket.remoteAddress, remotePort: socket.remotePort }, 'idle connection closed');
    socket.destroy();
  });
  server.removeAllListeners('clientError');
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    const code = error.code ?? 'unknown';
    metrics.httpClientErrors.inc({ code });
    logger.debug({ err: error }, 'client error');
    if (!socket.writable) return;
    const late = code === 'ERR_HTTP_REQUEST_TIMEOUT';
    socket.end(`HTTP/1.1 ${late ? '408 Request Timeout' : '400 Bad Request'}\r\nConnection: close\r\n\r\n`);
  });
}

/**
 * Stops taking connections and lets those that are open finish. http.Server's own close() would cut idle connections
 * at once, under the hands of clients that are just about to send.
 */
export async function drainServer(
  app: FastifyInstance,
  announceMs: number,
  limitMs: number,
  idleGraceMs = IDLE_GRACE_MS,
): Promise<void> {
  const { server } = app;
  const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
  await wait(announceMs);
  const closed = new Promise<void>((resolve) => NetServer.prototype.close.call(server, () => resolve()));
  const connections = (): Promise<number> =>
    new Promise((resolve) => server.getConnections((_, count) => resolve(count ?? 0)));
  const start = performance.now();
  while ((await connections()) > 0 && performance.now() - start < limitMs) {
    if (performance.now() - start > idleGraceMs) {
      // What has come in while this process was busy is read first: a connection with a request in it is not idle.
      await new Promise(setImmediate);
      server.closeIdleConnections();
    }
    await wait(LOOK_MS);
  }
  server.closeAllConnections();
  await closed;
  await app.close();
}
