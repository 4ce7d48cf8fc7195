import { ApiError } from '@bundler/contract';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type Static, Type } from 'typebox';
import { normalAddress } from '../access/addresses.ts';
import { type Signer, signerOf } from '../access/signed-request.ts';
import type { Balances } from '../store/balances.ts';
import type { Nonces } from '../store/nonces.ts';
import type { PaymentHistory } from '../store/payment-history.ts';
import { Winc } from './answers.ts';
import { type ApprovalRoutes, ApprovalsAnswer, approvalAnswer } from './approvals.ts';

export interface AccountRoutes extends ApprovalRoutes {
  readonly accounts: Pick<Balances, 'available'>;
  readonly history: Pick<PaymentHistory, 'of'>;
  readonly nonces: Pick<Nonces, 'use' | 'giveBack'>;
}

const AddressQuery = Type.Object({ address: Type.Optional(Type.String({ maxLength: 100 })) });
type AddressQuery = Static<typeof AddressQuery>;
const Balance = Type.Object({
  winc: Winc,
  balance: Winc,
  controlledWinc: Winc,
  effectiveBalance: Winc,
  ...ApprovalsAnswer,
});

/** Balances and what has come in. */
export function addAccountRoutes(app: FastifyInstance, options: AccountRoutes): void {
  addBalances(app, options);
  addPayments(app, options);
}

function addBalances(app: FastifyInstance, { accounts, approvals, nonces }: AccountRoutes): void {
  const schema = {
    tags: ['account'],
    summary: 'What somebody can spend',
    querystring: AddressQuery,
    response: { 200: Balance },
  };
  const answer = async (address: string): Promise<Static<typeof Balance>> => {
    // What has expired can be spent by its payer again.
    await approvals.expire([address]);
    const [available, given, received] = await Promise.all([
      accounts.available(address),
      approvals.given(address),
      approvals.received(address),
    ]);
    // Whoever is shared with need never have paid anything in.
    if (available === undefined && received.approvals.length === 0) throw new ApiError('user_not_found');
    const own = available ?? 0n;
    return {
      winc: String(own),
      balance: String(own),
      controlledWinc: String(own + given.left),
      effectiveBalance: String(own + received.left),
      givenApprovals: given.approvals.map(approvalAnswer),
      receivedApprovals: received.approvals.map(approvalAnswer),
    };
  };
  app.get<{ Querystring: AddressQuery }>('/balance', { schema }, async (request) =>
    answer(request.query.address === undefined ? (await signed(request, nonces)).address : addressIn(request.query)),
  );
  for (const path of ['/account/balance', '/account/balance/:token']) {
    app.get<{ Querystring: AddressQuery }>(path, { schema }, async ({ query }) => answer(addressIn(query)));
  }
  app.get<{ Querystring: AddressQuery }>(
    '/account/free',
    {
      schema: {
        tags: ['account'],
        summary: 'Free bytes that somebody has left; null where they are not counted by account',
        querystring: AddressQuery,
        response: { 200: Type.Object({ bytesRemaining: Type.Union([Type.Integer(), Type.Null()]) }) },
      },
    },
    async ({ query }) => {
      addressIn(query);
      return { bytesRemaining: null };
    },
  );
}

const PaymentsQuery = Type.Object({
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })),
  cursor: Type.Optional(Type.String({ maxLength: 40 })),
});
const Payments = Type.Object({
  payments: Type.Array(Type.Record(Type.String(), Type.Unknown())),
  hasMore: Type.Boolean(),
  cursor: Type.Union([Type.String(), Type.Null()]),
});
const PAGE = 50;

function addPayments(app: FastifyInstance, { history, nonces }: AccountRoutes): void {
  const schema = {
    tags: ['account'],
    summary: 'What the signer of the request has paid in, latest first',
    querystring: PaymentsQuery,
    response: { 200: Payments },
  };
  app.get<{ Querystring: Static<typeof PaymentsQuery> }>('/account/payments', { schema }, async (request) => {
    const { cursor, limit = PAGE } = request.query;
    const before = cursor === undefined ? undefined : new Date(cursor);
    if (before && Number.isNaN(before.getTime()))
      throw new ApiError('invalid_request', { detail: 'The cursor is none that was given out here.' });
    const signer = await signed(request, nonces);
    return givingBack(signer, nonces, async () => {
      const found = await history.of(signer.address, limit + 1, before);
      const page = found.slice(0, limit);
      const hasMore = found.length > limit;
      return {
        payments: page.map(({ date, ...about }) => ({ ...about, date: date.toISOString() })),
        hasMore,
        cursor: hasMore ? page.at(-1)!.date.toISOString() : null,
      };
    });
  });
}

async function signed(request: FastifyRequest, nonces: AccountRoutes['nonces']): Promise<Signer> {
  const signer = await signerOf(request.headers, nonces);
  if (!signer) throw new ApiError('bad_signature', { detail: 'Sign the request.' });
  return signer;
}

/** Whoever repeats a request that we have failed repeats it with its nonce. */
async function givingBack<Result>(
  { nonce, publicKey }: Signer,
  nonces: AccountRoutes['nonces'],
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    await nonces.giveBack(publicKey, nonce).catch(() => undefined);
    throw error;
  }
}

/** @throws ApiError for what is no address */
function addressIn({ address }: AddressQuery): string {
  const normal = address === undefined ? undefined : normalAddress(address);
  if (normal === undefined) throw new ApiError('invalid_request', { detail: 'Give an address.' });
  return normal;
}
