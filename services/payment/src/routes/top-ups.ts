import { ApiError } from '@bundler/contract';
import type { FastifyInstance } from 'fastify';
import { ChainUnavailable } from '../chains/chain.ts';
import type { ChainTransaction, TopUpFault, TopUpVerdict } from '../ledger/judge-top-up.ts';
import { type CheckOptions, checkTopUp } from '../top-ups/check-top-up.ts';

export interface TopUpRoutes {
  readonly topUpOptions: CheckOptions;
}

/** A body says no more than an id. */
const BODY_LIMIT = 4096;

/** `POST /account/balance/:token`: a client tells of a transaction that brings credits. */
export function addTopUpRoutes(app: FastifyInstance, { topUpOptions: options }: TopUpRoutes): void {
  const schema = { tags: ['account'], summary: 'Have a transaction credited that was sent to the wallet of its token' };
  app.post<{ Params: { token: string }; Body: unknown }>(
    '/account/balance/:token',
    { schema, bodyLimit: BODY_LIMIT },
    async ({ body, params }, reply) => {
      const chain = options.chains.get(params.token.toLowerCase());
      if (!chain)
        throw new ApiError('invalid_request', { detail: `Nothing is taken in ${params.token.slice(0, 32)}.` });
      const id = chain.idOf(transactionId(body));
      if (id === undefined) throw new ApiError('invalid_request', { detail: 'tx_id is none of a transaction.' });
      const known = await options.topUps.find(chain.token, id);
      if (known?.state === 'credited') {
        return {
          creditedTransaction: {
            transactionId: id,
            tokenType: chain.token,
            transactionQuantity: known.quantity,
            winstonCreditAmount: known.winc,
            destinationAddress: known.destination,
            destinationAddressType: chain.token,
            transactionSenderAddress: known.sender,
            blockHeight: known.blockHeight,
          },
          message: 'Transaction already credited',
        };
      }
      const verdict = await checkTopUp(chain, id, options).catch((cause: unknown) => {
        if (cause instanceof ChainUnavailable) throw new ApiError('chain_unavailable', { cause, retryAfter: 5 });
        throw cause;
      });
      if (verdict.state === 'unknown') throw new ApiError('transaction_not_found');
      if (verdict.state === 'refused' && verdict.fault === 'excluded_sender') throw new ApiError('excluded_sender');
      const answer = answerOf(verdict, id, chain.token);
      return reply.code(answer.status).send(answer.body);
    },
  );
}

const said: Readonly<Record<TopUpFault, string>> = {
  wrong_recipient: 'The transaction was not sent to the wallet of this service',
  too_little: 'The transaction is worth less than one winston credit',
  excluded_sender: 'Transactions of this sender are not credited',
  failed_on_chain: 'The transaction failed on its chain',
};

function answerOf(verdict: Exclude<TopUpVerdict, { state: 'unknown' }>, id: string, token: string) {
  const about = { transactionId: id, tokenType: token };
  if (verdict.state === 'refused') {
    return { status: 400, body: { failedTransaction: about, message: said[verdict.fault] } };
  }
  const known = { ...about, ...facts(verdict.transaction, verdict.winc, token) };
  if (verdict.state === 'pending') {
    const message = 'Transaction is not confirmed yet; it is credited when it is';
    return { status: 202, body: { pendingTransaction: known, message } };
  }
  const creditedTransaction = { ...known, blockHeight: verdict.transaction.blockHeight };
  return { status: 200, body: { creditedTransaction, message: 'Transaction credited' } };
}

/** What its chain has told. */
function facts(transaction: ChainTransaction | undefined, winc: bigint | undefined, token: string) {
  if (!transaction) return {};
  return {
    transactionQuantity: String(transaction.quantity),
    winstonCreditAmount: String(winc),
    destinationAddress: transaction.beneficiary ?? transaction.sender,
    destinationAddressType: token,
    transactionSenderAddress: transaction.sender,
  };
}

/** Clients send the body without a content type, so it comes as text. @throws ApiError */
function transactionId(body: unknown): string {
  let parsed: unknown = body;
  if (typeof body === 'string') {
    try {
      parsed = JSON.parse(body);
    } catch {
      throw new ApiError('invalid_request', { detail: 'The body is no JSON.' });
    }
  }
  const id = typeof parsed === 'object' && parsed !== null ? (parsed as { tx_id?: unknown }).tx_id : undefined;
  if (typeof id !== 'string') throw new ApiError('invalid_request', { detail: 'The body must have a tx_id.' });
  return id;
}
