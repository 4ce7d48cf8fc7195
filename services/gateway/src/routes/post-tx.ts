import type { FastifyInstance } from 'fastify';
import { parseJson } from '../http/parse-json.ts';
import type { GatewayParts } from '../parts.ts';
import { isRefusal, type Refusal } from '../refusal.ts';
import { inlineChunks } from '../tx/inline-data.ts';
import { judgeTx } from '../tx/judge-tx.ts';
import { type PostedTx, parsePostedTx } from '../tx/tx-header.ts';
import { judgeSignature } from '../tx/verify-signature.ts';

/** Room for 10 MiB of data in base64url and the other fields. */
const BODY_LIMIT = 15 * 1024 * 1024;

/** `POST /tx`: judges a transaction and takes it into the pool. */
export function postTxRoute(app: FastifyInstance, parts: GatewayParts): void {
  app.post<{ Body: Buffer }>('/tx', { bodyLimit: BODY_LIMIT }, async ({ body }, reply) => {
    const posted = parsePostedTx(parseJson(body));
    const refusal = isRefusal(posted) ? posted : await take(posted, parts);
    const { status, text } = refusal ?? { status: 200, text: 'OK' };
    return reply.code(status).type('text/plain; charset=utf-8').send(text);
  });
}

/**
 * The chain is asked twice: first to spare work, then again after what takes time, because another request may have
 * spent the balance or brought the same transaction meanwhile.
 */
async function take(posted: PostedTx, { chain, store, faults, price }: GatewayParts): Promise<Refusal | undefined> {
  const { header } = posted;
  const early = judgeTx(chain.state, header, price) ?? (await judgeSignature(header));
  if (early) return early;
  const chunks = await inlineChunks(posted);
  if (isRefusal(chunks)) return chunks;
  const ref = { dataRoot: header.data_root, size: Number(header.data_size) };
  for (const { left, right, bytes, path } of chunks) await store.put(ref, { left, right }, { bytes, path });
  const late = judgeTx(chain.state, header, price);
  if (late) return late;
  const fate = faults.onTx(header.id);
  chain.accept(header, fate.stuck);
  if (fate.forgotten) chain.forget([header.id]);
  return undefined;
}
