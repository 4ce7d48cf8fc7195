import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { type ChainState, type TxEntry, tipOf } from '../chain/state.ts';
import { DataReader } from '../chunks/data-reader.ts';
import { base64UrlStream } from '../http/base64url-stream.ts';
import type { GatewayParts } from '../parts.ts';
import { contentTypeOf, plainTags } from '../tx/tags.ts';
import type { TxHeader } from '../tx/tx-header.ts';
import { notFound } from './not-found.ts';

type MinedTx = TxEntry & { height: number; start: number };
type ById = { Params: { id: string } };

const FIELDS: readonly (keyof TxHeader)[] = [
  'id',
  'last_tx',
  'owner',
  'tags',
  'target',
  'quantity',
  'data_size',
  'data_root',
  'reward',
  'signature',
];

/** `/tx` as read: the pool, a transaction, its status, its place in the weave, one of its fields, its data. */
export function transactionRoutes(app: FastifyInstance, { chain, store }: GatewayParts): void {
  const { state } = chain;
  app.get('/tx/pending', async () => [...state.pending]);

  app.get<ById>('/tx/:id', async ({ params }, reply) => {
    const tx = minedOrAnswered(state, params.id, reply);
    return tx ? { ...tx.header, data: '', data_tree: [] } : reply;
  });

  app.get<ById>('/tx/:id/status', async ({ params }, reply) => {
    const tx = minedOrAnswered(state, params.id, reply);
    if (!tx) return reply;
    return {
      block_height: tx.height,
      block_indep_hash: state.blocks[tx.height]?.indepHash,
      number_of_confirmations: tipOf(state).height - tx.height + 1,
    };
  });

  app.get<ById>('/tx/:id/offset', async ({ params }, reply) => {
    const tx = state.txs.get(params.id);
    if (tx?.start === undefined || tx.size === 0) return reply.code(404).send({ error: 'not_found' });
    return { size: String(tx.size), offset: String(tx.start + tx.size) };
  });

  app.get<{ Params: { id: string; field: string } }>('/tx/:id/:field', async ({ params }, reply) => {
    const tx = minedOrAnswered(state, params.id, reply);
    if (!tx) return reply;
    const field = FIELDS.find((name) => name === params.field);
    if (field) return tx.header[field];
    if (!/^data(\.[a-z0-9]+)?$/.test(params.field)) return notFound(reply, 'Invalid field.');
    return sendData(reply, tx, params.field === 'data');
  });

  function sendData(reply: FastifyReply, tx: MinedTx, encoded: boolean): FastifyReply {
    const ref = { dataRoot: tx.header.data_root, size: tx.size };
    if (!store.has(ref)) return notFound(reply);
    const bytes = new DataReader(store, ref).stream(0, tx.size);
    if (encoded) return reply.type('text/plain').send(Readable.from(base64UrlStream(bytes), { objectMode: false }));
    return reply.type(contentTypeOf(plainTags(tx.header.tags))).send(Readable.from(bytes, { objectMode: false }));
  }
}

/** The transaction if it is mined; otherwise answers 202 or 404 as a node does. */
function minedOrAnswered(state: ChainState, id: string, reply: FastifyReply): MinedTx | undefined {
  const tx = state.txs.get(id);
  if (!tx) notFound(reply);
  else if (tx.height === undefined) reply.code(202).type('text/plain; charset=utf-8').send('Pending');
  else return tx as MinedTx;
  return undefined;
}
