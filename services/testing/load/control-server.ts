import { createServer, type Server } from 'node:http';
import { closeNow, listenLocally } from '../src/local-http.ts';

/** What a suite may ask its runner to do, by name. */
export type Actions = Readonly<Record<string, () => Promise<void>>>;

/** Does what k6 asks for with `POST /<action>`, on this machine only: the load knows best when it is time. */
export class ControlServer {
  readonly url: string;
  readonly #server: Server;

  private constructor(server: Server, url: string) {
    this.#server = server;
    this.url = url;
  }

  static async start(actions: Actions): Promise<ControlServer> {
    const server = createServer((request, response) => {
      const name = request.url?.slice(1) ?? '';
      const act = request.method === 'POST' && Object.hasOwn(actions, name) ? actions[name] : undefined;
      if (act === undefined) {
        response.writeHead(404).end(`nothing is called ${name}`);
        return;
      }
      act().then(
        () => response.writeHead(200).end('done'),
        (error: Error) => response.writeHead(500).end(error.message),
      );
    });
    return new ControlServer(server, await listenLocally(server));
  }

  stop(): Promise<void> {
    return closeNow(this.#server);
  }
}
