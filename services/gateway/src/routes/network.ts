import type { FastifyInstance } from 'fastify';
import { suggestedAnchor } from '../chain/anchors.ts';
import { lastTxOf, tipOf } from '../chain/state.ts';
import type { GatewayParts } from '../parts.ts';

const SIZE = /^[0-9]{1,18}$/;

/** The network, its price and its wallets: `/info` and its like, `/price`, `/tx_anchor`, `/wallet`. */
export function networkRoutes(app: FastifyInstance, { chain, clock, price }: GatewayParts): void {
  const { state } = chain;
  const info = () => ({
    network: 'bundler.dev.1',
    version: 5,
    release: 1,
    height: tipOf(state).height,
    current: tipOf(state).indepHash,
    blocks: state.blocks.length,
    peers: 0,
    queue_length: state.pending.size,
    node_state_latency: 0,
  });
  app.get('/', async () => info());
  app.get('/info', async () => info());
  app.get('/peers', async () => []);
  app.get('/height', async () => String(tipOf(state).height));
  app.get('/time', async () => String(Math.floor(clock() / 1000)));
  app.get('/tx_anchor', async () => suggestedAnchor(state));

  for (const route of ['/price/:bytes', '/price/:bytes/:target']) {
    app.get<{ Params: { bytes: string } }>(route, async ({ params }, reply) => {
      if (!SIZE.test(params.bytes)) return reply.code(400).send({ error: 'size_must_be_an_integer' });
      return String(price(BigInt(params.bytes)));
    });
  }

  app.get<{ Params: { address: string } }>('/wallet/:address/balance', async ({ params }) =>
    String(state.balances.get(params.address) ?? 0n),
  );
  app.get<{ Params: { address: string } }>('/wallet/:address/last_tx', async ({ params }) =>
    lastTxOf(state, params.address),
  );
}
