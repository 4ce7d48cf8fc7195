import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { DataRef } from '../chunks/chunk-store.ts';
import { DataReader } from '../chunks/data-reader.ts';
import { type ByteRange, parseRange } from '../http/byte-range.ts';
import type { GatewayParts } from '../parts.ts';
import { contentTypeOf, plainTags } from '../tx/tags.ts';
import { notFound } from './not-found.ts';

/** Where the data of a transaction or data item stands. */
interface LocatedData extends ByteRange {
  readonly ref: DataRef;
  readonly contentType: string;
}

type ById = { Params: { id: string } };

/** `GET` and `HEAD /:id` and `/raw/:id`: the data of a mined transaction, or of a data item in one. */
export function dataRoutes(app: FastifyInstance, parts: GatewayParts): void {
  for (const url of ['/:id', '/raw/:id']) {
    app.route<ById>({
      method: ['GET', 'HEAD'],
      url,
      handler: async (request, reply) => {
        const data = locate(request.params.id, parts);
        return data ? send(request, reply, data, parts) : notFound(reply);
      },
    });
  }
}

function locate(id: string, { chain, store, index }: GatewayParts): LocatedData | undefined {
  const tx = chain.state.txs.get(id);
  const item = tx ? undefined : index.placesOf(id)[0];
  const carrier = item ? chain.state.txs.get(item.bundle) : tx;
  if (carrier?.height === undefined) return undefined;
  const ref = { dataRoot: carrier.header.data_root, size: carrier.size };
  if (!store.has(ref)) return undefined;
  if (!item) return { ref, start: 0, end: carrier.size, contentType: contentTypeOf(plainTags(carrier.header.tags)) };
  return { ref, start: item.dataOffset, end: item.offset + item.size, contentType: contentTypeOf(item.tags) };
}

function send(request: FastifyRequest, reply: FastifyReply, data: LocatedData, parts: GatewayParts): FastifyReply {
  const length = data.end - data.start;
  const range = parseRange(request.headers.range, length);
  reply.header('accept-ranges', 'bytes').type(data.contentType);
  if (range === 'unsatisfiable') {
    return reply.code(416).header('content-range', `bytes */${length}`).type('text/plain').send('');
  }
  const { start, end } = range ?? { start: 0, end: length };
  if (range) reply.code(206).header('content-range', `bytes ${start}-${end - 1}/${length}`);
  reply.header('content-length', end - start);
  if (request.method === 'HEAD') return reply.send('');
  const bytes = new DataReader(parts.store, data.ref).stream(data.start + start, data.start + end);
  return reply.send(Readable.from(bytes, { objectMode: false }));
}
