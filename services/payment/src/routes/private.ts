import {
  ApiError,
  BalanceCheck,
  CheckBalanceParams,
  CheckBalanceQuery,
  ExpiredReservations,
  ReserveAnswer,
  ReserveRequest,
  SettleAnswer,
  SettleRequest,
} from '@bundler/contract';
import type { FastifyInstance } from 'fastify';
import type { Static } from 'typebox';
import type { ServiceTokens } from '../access/service-token.ts';
import type { Settlement } from '../ledger/settlement.ts';
import type { Balances } from '../store/balances.ts';
import type { Reservations } from '../store/reservations.ts';

export interface PrivateRoutes {
  readonly tokens: Pick<ServiceTokens, 'accepts'>;
  readonly balances: Pick<Balances, 'available'>;
  readonly reservations: Pick<Reservations, 'reserve' | 'settle' | 'captureLate' | 'expired'>;
  /** Winston for so many bytes. */
  readonly priceOf: (byteCount: number) => Promise<bigint>;
}

/** Reservations that one answer names. */
const EXPIRED_LIMIT = 1000;

/** What other services of the platform ask. Nothing that changes a balance is a GET. */
export async function addPrivateRoutes(app: FastifyInstance, options: PrivateRoutes): Promise<void> {
  await app.register(async (inside) => {
    inside.addHook('onRequest', async (request) => {
      if (!options.tokens.accepts(request.headers.authorization)) throw new ApiError('not_authorized');
    });
    addCheck(inside, options);
    addReserve(inside, options);
    addSettlements(inside, options);
  });
}

function addCheck(app: FastifyInstance, { balances, priceOf }: PrivateRoutes): void {
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
      const balance = await balances.available(params.address);
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
      body.charges.map(async ({ address, byteCount, dataItemId }) => ({
        dataItemId,
        signer: address,
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
      if (settlement !== 'capture') return { settled, unpaid: [] };
      const late = await reservations.captureLate(body.dataItemIds);
      return { settled: [...settled, ...late.settled], unpaid: late.unpaid };
    });
  }
  const schema = {
    tags: ['services'],
    summary: 'Items whose reservation nobody has settled in time',
    response: { 200: ExpiredReservations },
  };
  app.get('/reservations/expired', { schema }, async (): Promise<ExpiredReservations> => {
    return { dataItemIds: await reservations.expired(EXPIRED_LIMIT) };
  });
}
