import { Server as NetServer } from 'node:net';
import type { FastifyInstance } from 'fastify';

/** How long idle connections stay open while draining, so that a request on its way meets an answer, milliseconds. */
const IDLE_GRACE_MS = 5000;
const LOOK_MS = 50;

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
