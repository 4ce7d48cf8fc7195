import type { IncomingMessage } from 'node:http';

/** A body that nobody wants is read on for so long that its client can finish sending and see the answer; then cut. */
const LINGER_MS = 5000;

/** Reads the rest of a body that nobody wants, without making its answer wait. */
export function drainUnread(body: IncomingMessage): void {
  if (body.complete || body.destroyed) return;
  const timer = setTimeout(() => body.socket.destroy(), LINGER_MS);
  for (const event of ['end', 'close']) body.once(event, () => clearTimeout(timer));
  body.resume();
}
