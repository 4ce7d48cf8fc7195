import type { Socket } from 'node:net';
import { errors } from '@bundler/contract';
import type { FastifyInstance } from 'fastify';
import { Arrivals, type Pace } from './arrivals.ts';
import type { Logger } from './log.ts';
import type { Metrics } from './metrics.ts';

/** Where bodies are small, the limit of the whole request is enough. */
const ANY_PACE: Pace = { bytesPerSecond: 0, windowMs: 1000 };

/**
 * Ends connections whose time is over, and those on which something else than HTTP came. Whoever has sent a request, or a
 * part of one, is told.
 *
 * @param pace what is asked of bodies; nothing, when it is left out
 */
export function watchTimeouts(
  { server }: FastifyInstance,
  logger: Pick<Logger, 'debug' | 'info'>,
  metrics: Pick<Metrics, 'serverTimeouts' | 'httpClientErrors'>,
  pace: () => Pace = () => ANY_PACE,
): void {
  const arrivals = new Arrivals(pace, () => performance.now());
  const note = (kind: 'idle' | 'keep_alive' | 'slow_body' | 'too_long', socket: Socket): void => {
    metrics.serverTimeouts.inc({ kind });
    const { remoteAddress, remotePort, bytesRead } = socket;
    // Connections that nobody uses end all the time; with the others an upload fails.
    logger[kind === 'keep_alive' ? 'debug' : 'info'](
      { kind, remoteAddress, remotePort, bytesRead },
      'connection closed',
    );
  };
  arrivals.follow(server, (socket) => {
    note('slow_body', socket);
    sendLate(socket);
  });
  server.on('timeout', (socket) => {
    const isAsked = arrivals.awaitsAnswer(socket);
    note(isAsked ? 'idle' : 'keep_alive', socket);
    if (isAsked) sendLate(socket);
    else socket.destroy();
  });
  server.removeAllListeners('clientError');
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    const code = error.code ?? 'unknown';
    metrics.httpClientErrors.inc({ code });
    logger.debug({ err: error }, 'client error');
    const late = code === 'ERR_HTTP_REQUEST_TIMEOUT';
    if (late) note('too_long', socket as Socket);
    if (!socket.writable) return socket.destroy();
    if (late) return sendLate(socket as Socket);
    socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n');
    return undefined;
  });
}

/** A connection with unread bytes that is closed at once takes the answer away with it, milliseconds. */
const LINGER_MS = 1000;

/** Answers 408 over the head of whoever still waits for the request, and ends the connection. */
function sendLate(socket: Socket): void {
  const { message, status } = errors.request_timeout;
  const head = `HTTP/1.1 ${status} Request Timeout\r\nContent-Type: text/plain; charset=utf-8`;
  socket.end(`${head}\r\nContent-Length: ${message.length}\r\nConnection: close\r\n\r\n${message}`);
  setTimeout(() => socket.destroy(), LINGER_MS).unref();
}
