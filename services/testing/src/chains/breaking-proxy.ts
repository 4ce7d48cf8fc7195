import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import type { ChainUnderTest } from '@bundler/payment/chains/conformance';
import { closeNow, listenLocally } from '../local-http.ts';

type How = Parameters<ChainUnderTest['answers']>[0];

/** Stands before the node of a chain, and breaks when it is told to. */
export class BreakingProxy {
  how: How = 'pass';
  readonly #server: Server;

  constructor(target: string) {
    this.#server = createServer((incoming, outgoing) => {
      if (this.how === 'cut') incoming.socket.destroy();
      else if (this.how === 'pass') pass(target, incoming, outgoing);
      else outgoing.writeHead(this.how === '500' ? 500 : 200).end(broken[this.how]);
    });
  }

  start(): Promise<string> {
    return listenLocally(this.#server);
  }

  stop(): Promise<void> {
    return closeNow(this.#server);
  }
}

const broken = {
  '500': '{"error":"broken"}',
  'other JSON': '{"junk":true}',
  half: '{"jsonrpc":"2.0","id":1,"result":{"ha',
};

function pass(target: string, incoming: IncomingMessage, outgoing: ServerResponse): void {
  const { headers, method } = incoming;
  const forwarded = incoming.pipe(request(target + incoming.url, { headers, method, agent: false }));
  forwarded.on('response', (answer: IncomingMessage) => answer.pipe(outgoing.writeHead(answer.statusCode!)));
  forwarded.on('error', (error) => outgoing.destroy(error));
}
