import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** How often the pace of bodies is looked at, milliseconds. */
const LOOK_MS = 500;

interface Arrival {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** When the window that is being measured began, and what had come on the connection by then. */
  since: number;
  bytesRead: number;
}

/** What is asked of a body: so many bytes in each window. */
export interface Pace {
  /** 0 asks nothing. */
  readonly bytesPerSecond: number;
  readonly windowMs: number;
}

/** The requests whose bodies are on their way, by the connection on which they come. */
export class Arrivals {
  readonly #open = new Map<Socket, Arrival>();
  readonly #pace: () => Pace;
  readonly #now: () => number;
  #lookedAt = 0;

  /** @param now milliseconds, monotonic */
  constructor(pace: () => Pace, now: () => number) {
    this.#pace = pace;
    this.#now = now;
  }

  /**
   * Follows every request of the server until it closes.
   *
   * @param tooSlow told of each connection whose body comes slower than asked, once
   */
  follow(server: Server, tooSlow: (socket: Socket) => void): void {
    server.on('request', (request, response) => this.#add(request, response));
    this.#lookedAt = this.#now();
    const looking = setInterval(() => this.#look(tooSlow), LOOK_MS).unref();
    server.on('close', () => clearInterval(looking));
  }

  /** Whether a request is on its way there that has no answer yet. */
  awaitsAnswer(socket: Socket): boolean {
    return this.#open.get(socket)?.response.headersSent === false;
  }

  #add(request: IncomingMessage, response: ServerResponse): void {
    const { headers, socket } = request;
    if (headers['transfer-encoding'] === undefined && !(Number(headers['content-length']) > 0)) return;
    const arrival = { request, response, since: this.#now(), bytesRead: socket.bytesRead };
    this.#open.set(socket, arrival);
    response.once('close', () => {
      if (this.#open.get(socket) === arrival) this.#open.delete(socket);
    });
  }

  #look(tooSlow: (socket: Socket) => void): void {
    const { bytesPerSecond, windowMs } = this.#pace();
    const now = this.#now();
    // While this process stood still, the client may have sent what nobody has read yet: timers come before sockets.
    const stoodStillMs = Math.max(0, now - this.#lookedAt - LOOK_MS);
    this.#lookedAt = now;
    for (const [socket, arrival] of this.#open) {
      const { request, response } = arrival;
      arrival.since += stoodStillMs;
      if (request.complete || response.headersSent) continue;
      // Bytes that nobody has taken yet: it is this side that is slow, and the client cannot send more.
      const waitsForUs = request.readableLength > 0;
      if (!waitsForUs && now - arrival.since < windowMs) continue;
      if (!waitsForUs && socket.bytesRead - arrival.bytesRead < (bytesPerSecond * windowMs) / 1000) {
        this.#open.delete(socket);
        tooSlow(socket);
        continue;
      }
      arrival.since = now;
      arrival.bytesRead = socket.bytesRead;
    }
  }
}
