import { Agent, type IncomingMessage, request } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

export interface Answer {
  readonly status: number;
  /** The `Connection` header. */
  readonly connection: string | undefined;
  readonly text: string;
}

/** A client that holds its connections open as busy clients do. */
export class KeepAliveClient {
  readonly #url: string;
  readonly #agent: Agent;

  constructor(url: string, sockets: number) {
    this.#url = url;
    this.#agent = new Agent({ keepAlive: true, maxSockets: sockets });
  }

  /** One request; a stream is sent as it comes, without Content-Length. Rejects when the connection breaks. */
  async send(method: 'GET' | 'POST', path: string, body: Buffer | Readable = Buffer.alloc(0)): Promise<Answer> {
    const length = body instanceof Readable ? {} : { 'content-length': body.length };
    const headers = method === 'POST' ? { 'content-type': 'application/octet-stream', ...length } : {};
    const outgoing = request(this.#url + path, { method, agent: this.#agent, headers });
    const answer = new Promise<Answer>((resolve, reject) => {
      outgoing.on('error', reject);
      outgoing.on('response', (incoming) => void readAnswer(incoming).then(resolve, reject));
    });
    if (body instanceof Readable) await Promise.all([pipeline(body, outgoing), answer]);
    else outgoing.end(body);
    return answer;
  }

  upload(item: Buffer | Readable): Promise<Answer> {
    return this.send('POST', '/v1/tx', item);
  }

  close(): void {
    this.#agent.destroy();
  }
}

async function readAnswer(incoming: IncomingMessage): Promise<Answer> {
  const pieces: Buffer[] = [];
  for await (const piece of incoming) pieces.push(piece as Buffer);
  return {
    status: incoming.statusCode!,
    connection: incoming.headers.connection,
    text: Buffer.concat(pieces).toString(),
  };
}
