import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Somebody who tells what tokens are worth, as CoinGecko does: so much in every currency that is asked for. */
export class RatesStandIn {
  /** By token. */
  readonly rates = new Map<string, number>([['arweave', 10]]);
  away = false;
  readonly #server: Server = createServer((request, response) => {
    const { searchParams } = new URL(request.url!, 'http://localhost');
    const codes = searchParams.get('vs_currencies')!.split(',');
    const tokens = searchParams.get('ids')!.split(',');
    const told = tokens.map((token) => [token, Object.fromEntries(codes.map((code) => [code, this.rates.get(token)]))]);
    response.writeHead(this.away ? 500 : 200).end(JSON.stringify(Object.fromEntries(told)));
  });

  async start(): Promise<string> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}
