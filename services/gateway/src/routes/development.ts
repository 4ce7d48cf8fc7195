import type { FastifyInstance, FastifyReply } from 'fastify';
import { isId } from '../base64url.ts';
import type { Fault } from '../faults/fault.ts';
import { parseJson } from '../http/parse-json.ts';
import type { GatewayParts } from '../parts.ts';

const MAX_BLOCKS = 10_000;

/** What only a development gateway has: winston and blocks on demand, faults, reorganisations, counts. */
export function developmentRoutes(app: FastifyInstance, parts: GatewayParts): void {
  chainControls(app, parts);
  faultControls(app, parts);
  observations(app, parts);
}

function chainControls(app: FastifyInstance, { chain, indexer }: GatewayParts): void {
  const mine = async (blocks: number) => {
    for (let mined = 0; mined < blocks; mined += 1) chain.mine();
    await indexer.settled();
    return { height: chain.state.blocks.length - 1 };
  };
  app.get('/mine', async () => mine(1));
  app.get<{ Params: { blocks: string } }>('/mine/:blocks', async ({ params }, reply) => {
    const blocks = wholeNumber(params.blocks, MAX_BLOCKS);
    return blocks === undefined ? refuse(reply, `Give a number of blocks from 1 to ${MAX_BLOCKS}`) : mine(blocks);
  });

  app.get<{ Params: { address: string; winston: string } }>('/mint/:address/:winston', async ({ params }, reply) => {
    if (!isId(params.address)) return refuse(reply, 'Give an address: 43 characters of base64url');
    if (!/^\d{1,38}$/.test(params.winston)) return refuse(reply, 'Give winston as a decimal number');
    chain.mint(params.address, BigInt(params.winston));
    return String(chain.state.balances.get(params.address));
  });

  app.post<{ Params: { depth: string }; Querystring: { txs?: string } }>(
    '/dev/reorg/:depth',
    async ({ params, query }, reply) => {
      const depth = wholeNumber(params.depth, chain.state.blocks.length - 1);
      if (depth === undefined) return refuse(reply, `Give a depth from 1 to ${chain.state.blocks.length - 1}`);
      return { orphaned: chain.reorg(depth, query.txs === 'forget' ? 'forget' : 'pending') };
    },
  );

  app.post<{ Params: { percent: string } }>('/dev/price/:percent', async ({ params }, reply) => {
    const percent = wholeNumber(params.percent, 1_000_000);
    if (percent === undefined) return refuse(reply, 'Give a percentage from 1 to 1000000');
    chain.movePrice(percent);
    return { percent };
  });
}

function faultControls(app: FastifyInstance, { faults }: GatewayParts): void {
  app.get('/dev/faults', async () => faults.list());
  app.post<{ Body: Buffer }>('/dev/faults', async ({ body }, reply) => {
    const json = parseJson(body);
    try {
      for (const fault of Array.isArray(json) ? json : [json]) faults.add(fault as Fault);
    } catch (error) {
      if (error instanceof TypeError) return refuse(reply, error.message);
      throw error;
    }
    return faults.list();
  });
  app.delete('/dev/faults', async () => {
    faults.clear();
    return faults.list();
  });
}

function observations(app: FastifyInstance, { requests, index, chain }: GatewayParts): void {
  app.get('/dev/requests', async () => requests.all());
  app.delete('/dev/requests', async () => {
    requests.reset();
    return requests.all();
  });
  app.get<{ Params: { id: string } }>('/dev/items/:id', async ({ params }) =>
    index.placesOf(params.id).map(({ bundle, offset, size }) => ({
      bundle,
      offset,
      size,
      height: chain.state.txs.get(bundle)?.height,
    })),
  );
}

function wholeNumber(text: string, max: number): number | undefined {
  const value = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  return value >= 1 && value <= max ? value : undefined;
}

function refuse(reply: FastifyReply, error: string): FastifyReply {
  return reply.code(400).send({ error });
}
