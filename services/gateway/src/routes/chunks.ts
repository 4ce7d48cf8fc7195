import type { FastifyInstance } from 'fastify';
import { dataKey, placementAt } from '../chain/state.ts';
import { readChunkBody } from '../chunks/chunk-body.ts';
import { type ChunkError, type ChunkPost, parseChunkPost } from '../chunks/chunk-post.ts';
import { proveChunk } from '../chunks/prove-chunk.ts';
import type { GatewayParts } from '../parts.ts';

/** Room for a chunk and a proof of 256 KiB each, in base64url. */
const BODY_LIMIT = 750 * 1024;

/** `POST /chunk` and `GET /chunk/:offset`. */
export function chunkRoutes(app: FastifyInstance, parts: GatewayParts): void {
  app.post<{ Body: Buffer }>('/chunk', { bodyLimit: BODY_LIMIT }, async ({ body }, reply) => {
    const post = parseChunkPost(readChunkBody(body));
    const error = typeof post === 'string' ? post : await keepChunk(post, parts);
    return error ? reply.code(400).send({ error }) : reply.code(200).send('');
  });

  app.get<{ Params: { offset: string } }>('/chunk/:offset', async ({ params }, reply) => {
    if (!/^\d{1,15}$/.test(params.offset)) return reply.code(400).send({ error: 'offset_out_of_bounds' });
    const chunk = await chunkAt(Number(params.offset), parts);
    return chunk ? reply.send(chunk) : reply.code(404).send({ error: 'chunk_not_found' });
  });
}

/** Keeps a chunk of a known transaction if its proof holds. Posting it again is fine. */
async function keepChunk(post: ChunkPost, parts: GatewayParts): Promise<ChunkError | undefined> {
  const { chain, store, faults, indexer } = parts;
  const key = dataKey(post.dataRoot, Number(post.dataSize));
  if (post.dataSize > Number.MAX_SAFE_INTEGER || !chain.state.dataKeys.has(key)) return 'data_root_not_found';
  const ref = { dataRoot: post.dataRoot, size: Number(post.dataSize) };
  const offset = Math.min(Number(post.offset), ref.size - 1);
  const range = await proveChunk(ref, offset, post);
  if (!range) return 'invalid_proof';
  const fault = faults.onChunk();
  if (fault) return fault === 'lost' ? undefined : fault;
  await store.put(ref, range, post);
  if (store.has(ref)) for (const id of chain.state.dataKeys.get(key) ?? []) indexer.consider(id);
  return undefined;
}

/** The chunk that holds a byte of the weave, in the network's spelling. */
async function chunkAt(offset: number, { chain, store }: GatewayParts) {
  const placement = placementAt(chain.state, offset);
  const header = placement && chain.state.txs.get(placement.id)?.header;
  if (!placement || !header) return undefined;
  const ref = { dataRoot: header.data_root, size: placement.end - placement.start };
  const range = store.rangeAt(ref, offset - placement.start - 1);
  if (!range) return undefined;
  const { bytes, path } = await store.read(ref, range);
  return {
    chunk: bytes.toString('base64url'),
    data_path: path.toString('base64url'),
    tx_path: '',
    packing: 'unpacked',
  };
}
