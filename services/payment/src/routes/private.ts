import {
  ApiError,
  BalanceCheck,
  CheckBalanceParams,
  CheckBalanceQuery,
  ExpiredReservations,
  MAX_ITEMS_A_CALL,
  ReserveAnswer,
  ReserveRequest,
  SettleAnswer,
  SettleRequest,
} from '@bundler/contract';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Static } from 'typebox';
import { normalAddress } from '../access/addresses.ts';
import type { ServiceTokens } from '../access/service-token.ts';
import type { Settlement } from '../ledger/settlement.ts';
import type { Reservations } from '../store/reservations.ts';
import { type AdministrationRoutes, addAdministrationRoutes } from './administration.ts';
import { type ApprovalRoutes, addApprovalCommands } from './approvals.ts';
import { addX402Commands, type X402Routes } from './x402.ts';

export interface PrivateRoutes extends ApprovalRoutes, AdministrationRoutes, X402Routes {
  readonly tokens: Pick<ServiceTokens, 'accepts'>;
  readonly reservations: Pick<Reservations, 'reserve' | 'settle' | 'captureLate' | 'expired' | 'spendable'>;
  /** Winston for so many bytes. */
  readonly priceOf: (byteCount: number) => Promise<bigint>;
}

/** What other services of the platform ask. Nothing that changes a balance is a GET. */
export async function addPrivateRoutes(app: FastifyInstance, options: PrivateRoutes): Promise<void> {
  await app.register(async (inside) => {
    // Our own services ask as often as there are uploads; who guesses at their secret is a stranger like any other.
    const rateLimitCost = ({ headers }: FastifyRequest): number =>
      options.tokens.accepts(headers.authorization) ? 0 : 1;
    inside.addHook('onRoute', (route) => {
      route.config = { ...route.config, rateLimitCost };
    });
    inside.addHook('onRequest', async (request) => {
      if (!options.tokens.accepts(request.headers.authorization)) throw new ApiError('not_authorized');
    });
    addCheck(inside, options);
    addReserve(inside, options);
    addSettlements(inside, options);
    addAdministrationRoutes(inside, options);
    addApprovalCommands(inside, options);
    addX402Commands(inside, options);
  });
}

function addCheck(app: FastifyInstance, { priceOf, reservations }: PrivateRoutes): void {
  const schema = {
    tags: ['services'],
    summary: 'Whether somebody could pay for an upload; nothing is reserved',
    params: CheckBalanceParams,
    querystring: CheckBalanceQuery,
    response: { 200: BalanceCheck, 402: BalanceCheck },
  };
  app.get<{ Params: Static<typeof CheckBalanceParams>; Querystring: Static<typeof CheckBalanceQuery> }>(
    '/check-balance/:token/:address',
    { schema },
    async ({ params, query }, reply) => {
      const price = await priceOf(query.byteCount);
      const balance = await reservations.spendable(params.address, payersIn(query.paidBy));
      if (balance === undefined && price > 0n) throw new ApiError('user_not_found');
      const enough = (balance ?? 0n) >= price;
      return reply.code(enough ? 200 : 402).send({
        userHasSufficientBalance: enough,
        bytesCostInWinc: String(price),
        userBalanceInWinc: String(balance ?? 0n),
      });
    },
  );
}

function addReserve(app: FastifyInstance, { priceOf, reservations }: PrivateRoutes): void {
  const schema = {
    tags: ['services'],
    summary: 'Sets aside what items cost, once for each item',
    body: ReserveRequest,
    response: { 200: ReserveAnswer },
  };
  app.post<{ Body: ReserveRequest }>('/reserve-balance', { schema }, async ({ body }): Promise<ReserveAnswer> => {
    const charges = await Promise.all(
      body.charges.map(async ({ address, byteCount, dataItemId, paidBy }) => ({
        dataItemId,
        signer: address,
        paidBy: payersIn(paidBy),
        byteCount,
        winc: await priceOf(byteCount),
      })),
    );
    const reserved = await reservations.reserve(charges);
    return {
      reservations: charges.map(({ dataItemId }) => ({
        dataItemId,
        winc: reserved.get(dataItemId)?.toString() ?? null,
      })),
    };
  });
}

function addSettlements(app: FastifyInstance, { reservations }: PrivateRoutes): void {
  const summaries: Readonly<Record<Settlement, string>> = {
    capture: 'Items were accepted: what is reserved for them is spent',
    release: 'Items were never accepted: what is reserved for them goes back',
    refund: 'Items ended as failed: what they have cost goes back',
  };
  for (const [settlement, summary] of Object.entries(summaries) as [Settlement, string][]) {
    const schema = { tags: ['services'], summary, body: SettleRequest, response: { 200: SettleAnswer } };
    app.post<{ Body: SettleRequest }>(`/${settlement}-balance`, { schema }, async ({ body }): Promise<SettleAnswer> => {
      const settled = await reservations.settle(body.dataItemIds, settlement);
      const moved = new Set(settled);
      const others = body.dataItemIds.filter((id) => !moved.has(id));
      if (settlement !== 'capture' || others.length === 0) return { settled, unpaid: [] };
      const late = await reservations.captureLate(others);
      return { settled: [...settled, ...late.settled], unpaid: late.unpaid };
    });
  }
  const schema = {
    tags: ['services'],
    summary: 'Items whose reservation nobody has settled in time',
    response: { 200: ExpiredReservations },
  };
  app.get('/reservations/expired', { schema }, async (): Promise<ExpiredReservations> => {
    return { dataItemIds: await reservations.expired(MAX_ITEMS_A_CALL) };
  });
}

/** Those that are addresses, in the form in which balances are kept: what is none shares nothing with anybody. */
const payersIn = (paidBy: readonly string[] = []): string[] => [
  ...new Set(paidBy.flatMap((address) => normalAddress(address) ?? [])),
];
