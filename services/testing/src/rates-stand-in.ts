import { createServer, type Server } from 'node:http';
import { closeNow, listenLocally } from './local-http.ts';

/** Somebody who tells what tokens are worth, as CoinGecko does: so much in every currency that is asked for. */
export class RatesStandIn {
  /** By token. */
  readonly rates = new Map<string, number>([
    ['arweave', 10],
    ['usd-coin', 1],
  ]);
  away = false;
  readonly #server: Server = createServer((request, response) => {
    const { searchParams } = new URL(request.url!, 'http://localhost');
    const codes = searchParams.get('vs_currencies')!.split(',');
    const tokens = searchParams.get('ids')!.split(',');
    const told = tokens.map((token) => [token, Object.fromEntries(codes.map((code) => [code, this.rates.get(token)]))]);
    response.writeHead(this.away ? 500 : 200).end(JSON.stringify(Object.fromEntries(told)));
  });

  start(): Promise<string> {
    return listenLocally(this.#server);
  }

  stop(): Promise<void> {
    return closeNow(this.#server);
  }
}
