import { PassThrough } from 'node:stream';
import type { Progress } from '@bundler/contract';
import { eventsAfter, formatEvent, isFinal, type Seen } from './events.ts';
import type { Follower } from './hub.ts';

/** A client that leaves more than this unread is gone or stuck, bytes. */
const MAX_UNREAD_BYTES = 64 * 1024;

/** How soon clients of a process that stops come again, milliseconds: not all at the same moment. */
const COME_AGAIN_MS = { least: 500, spread: 1500 };

/** The text of a stream of server-sent events about one upload, as its follower is told things. */
export class ProgressStream extends PassThrough implements Follower {
  readonly id: string;
  readonly #heartbeatMs: () => number;
  #seen: Seen | undefined;
  #movedOn = false;
  #heartbeat: NodeJS.Timeout | undefined;

  constructor(id: string, seen: Seen | undefined, heartbeatMs: () => number) {
    super();
    this.id = id;
    this.#seen = seen;
    this.#heartbeatMs = heartbeatMs;
    this.once('close', () => clearTimeout(this.#heartbeat));
    // Sends the headers now: a client is told that it follows before there is anything to tell.
    this.#send(': following\n\n');
  }

  /** Whether its client was sent to another process. */
  get movedOn(): boolean {
    return this.#movedOn;
  }

  progress(now: Progress): void {
    const events = eventsAfter(this.#seen, now);
    this.#seen = now;
    if (events.length > 0) this.#send(events.map(formatEvent).join(''));
    if (isFinal(now)) this.#end();
  }

  unknown(): void {
    this.#send(`event: unknown\ndata: ${JSON.stringify({ id: this.id })}\n\n`);
    this.#end();
  }

  moveOn(): void {
    this.#movedOn = true;
    this.#send(`retry: ${Math.round(COME_AGAIN_MS.least + Math.random() * COME_AGAIN_MS.spread)}\n\n`);
    this.#end();
  }

  #send(text: string): void {
    if (this.writableEnded || this.destroyed) return;
    this.write(text);
    if (this.writableLength + this.readableLength > MAX_UNREAD_BYTES) {
      this.destroy();
      return;
    }
    clearTimeout(this.#heartbeat);
    this.#heartbeat = setTimeout(() => this.#send(':\n\n'), this.#heartbeatMs());
  }

  #end(): void {
    clearTimeout(this.#heartbeat);
    this.end();
  }
}
