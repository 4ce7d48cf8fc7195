import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { OpticalHeader } from '@bundler/adapters';

/** How it behaves: takes posts, answers with a status, or takes requests and says nothing. */
export type BridgeMood = 'taking' | 'hanging' | number;

/** An optical bridge over real HTTP, whose troubles a test chooses. */
export class TestBridge {
  /** The batches that it took, in the order in which they came. */
  readonly batches: OpticalHeader[][] = [];
  /** The headers of the last request. */
  lastRequest: IncomingMessage['headers'] = {};
  /** Requests that came, whatever became of them. */
  requests = 0;
  mood: BridgeMood = 'taking';
  url = '';
  readonly #server = createServer((request, response) => void this.#serve(request, response));

  /** Starts it; started again, it is at the same place. */
  async start(): Promise<this> {
    const port = this.url === '' ? 0 : Number(new URL(this.url).port);
    this.#server.listen(port, '127.0.0.1');
    await once(this.#server, 'listening');
    this.url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/ar-io/admin/queue-data-item`;
    return this;
  }

  /** Ends it: its port refuses connections. */
  async stop(): Promise<void> {
    if (!this.#server.listening) return;
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }

  /** Everything that it took, in order. */
  get headers(): OpticalHeader[] {
    return this.batches.flat();
  }

  get ids(): string[] {
    return this.headers.map(({ id }) => id);
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece as Buffer);
    this.requests += 1;
    this.lastRequest = request.headers;
    const { mood } = this;
    if (mood === 'hanging') return;
    if (mood === 'taking') this.batches.push(JSON.parse(Buffer.concat(pieces).toString()) as OpticalHeader[]);
    response.writeHead(mood === 'taking' ? 200 : mood).end();
  }
}
