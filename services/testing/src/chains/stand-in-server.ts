import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { closeNow, listenLocally } from '../local-http.ts';

/** What a node that is played answers: status and JSON. */
export type Played = (path: string, body: string) => Answer | Promise<Answer>;
interface Answer {
  readonly status?: number;
  readonly json: unknown;
}

/** A node that no package ships: a small server that answers as the documentation of the real one says. */
export class StandInServer {
  readonly #server: Server;

  constructor(play: Played) {
    const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
      const { json, status = 200 } = await play(request.url!, await text(request));
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(json));
    };
    this.#server = createServer((request, response) => {
      answer(request, response).catch((error: Error) => response.destroy(error));
    });
  }

  start(): Promise<string> {
    return listenLocally(this.#server);
  }

  stop(): Promise<void> {
    return closeNow(this.#server);
  }
}
