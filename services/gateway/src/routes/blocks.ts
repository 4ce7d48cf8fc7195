import type { FastifyInstance, FastifyReply } from 'fastify';
import { type Block, tipOf } from '../chain/state.ts';
import type { GatewayParts } from '../parts.ts';
import { notFound } from './not-found.ts';

/** `/block`: by height, by hash, the current one. */
export function blockRoutes(app: FastifyInstance, { chain }: GatewayParts): void {
  const { state } = chain;
  const answer = (block: Block | undefined, reply: FastifyReply) =>
    block ? reply.send(blockJson(block)) : notFound(reply, 'Block not found.');

  app.get('/block/current', async (_request, reply) => answer(tipOf(state), reply));
  app.get<{ Params: { height: string } }>('/block/height/:height', async ({ params }, reply) =>
    answer(/^\d+$/.test(params.height) ? state.blocks[Number(params.height)] : undefined, reply),
  );
  app.get<{ Params: { hash: string } }>('/block/hash/:hash', async ({ params }, reply) =>
    answer(state.blocks[state.heightByHash.get(params.hash) ?? -1], reply),
  );
}

/** A block in the network's spelling. What only mining needs is there and empty. */
function blockJson(block: Block) {
  return {
    nonce: '',
    previous_block: block.previousBlock,
    timestamp: block.timestamp,
    last_retarget: block.timestamp,
    diff: '0',
    height: block.height,
    hash: block.indepHash,
    indep_hash: block.indepHash,
    txs: block.txs,
    tx_root: '',
    wallet_list: '',
    reward_addr: 'unclaimed',
    tags: [],
    reward_pool: '0',
    weave_size: String(block.weaveSize),
    block_size: String(block.blockSize),
    cumulative_diff: '0',
    hash_list_merkle: '',
  };
}
