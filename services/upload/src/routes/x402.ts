import { ApiError, type PaidReceipt, type Receipt, type X402Settled } from '@bundler/contract';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { PaymentRequired } from '../ingest/x402/payment-required.ts';
import type { X402Uploads } from '../ingest/x402/x402-uploads.ts';

const VERSION = 1;

/**
 * Does what a request asks for on a route of x402. That it is to be paid for is said in JSON there, with what is asked for:
 * clients pay, and ask again.
 *
 * @param x402 undefined where nothing can be paid for
 * @param byteCount of the upload, as far as it is known
 */
export async function offeringPayment<Answer>(
  request: FastifyRequest,
  reply: FastifyReply,
  x402: X402Uploads | undefined,
  byteCount: number | undefined,
  work: () => Promise<Answer>,
): Promise<Answer | FastifyReply> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 402) throw error;
    const required = error instanceof PaymentRequired ? error : await withPrice(error, x402, byteCount);
    if (!required) throw error;
    request.log.debug({ err: error }, 'payment required');
    const { host, protocol, url } = request;
    const resource = `${protocol}://${host}${url}`;
    const about = { resource, description: 'Storing data on Arweave', mimeType: 'application/json' };
    return reply
      .code(402)
      .header('x-payment-required', `x402-${VERSION}`)
      .send({
        x402Version: VERSION,
        accepts: required.accepts.map((requirements) => ({ ...requirements, ...about })),
        error: required.message,
      });
  }
}

async function withPrice(
  { code }: ApiError,
  x402: X402Uploads | undefined,
  byteCount: number | undefined,
): Promise<PaymentRequired | undefined> {
  if (!x402 || byteCount === undefined) return undefined;
  return x402.required(byteCount, code === 'free_quota_used' ? code : 'insufficient_balance');
}

/** Adds what was paid to the answer of an upload, as clients of x402 look for it. */
export function paidReceipt(reply: FastifyReply, receipt: Receipt, settled: X402Settled | undefined): PaidReceipt {
  if (!settled) return receipt;
  tellPayment(reply, settled);
  return { ...receipt, x402Payment: settled };
}

/** Says in a header what was paid. */
export function tellPayment(reply: FastifyReply, { network, payer, transactionHash }: X402Settled): void {
  const told = { success: true, transaction: transactionHash, network, payer };
  reply.header('x-payment-response', Buffer.from(JSON.stringify(told)).toString('base64'));
}
