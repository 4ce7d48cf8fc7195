import { ApiError } from '@bundler/contract';
import type { FastifyInstance } from 'fastify';
import { type Static, Type } from 'typebox';
import { normalAddress } from '../access/addresses.ts';
import type { Chain } from '../chains/chain.ts';
import { discounted } from '../ledger/promo-code.ts';
import { countryNames, currencies, leastCharge } from '../pricing/currencies.ts';
import type { Prices } from '../pricing/prices.ts';
import type { PromoCodes } from '../store/promo-codes.ts';
import { AdjustmentAnswer, adjustmentsIn, DiscountAnswer, discountsIn, Winc, wholeNumber } from './answers.ts';
import { PromoCodeParam, promoCodesIn } from './promo-codes.ts';

export interface PriceRoutes {
  readonly promoCodes: Pick<PromoCodes, 'usable'>;
  readonly prices: Pick<Prices, 'ofBytes' | 'ofToken' | 'ofCurrency' | 'rateOf'>;
  /** By token. */
  readonly chains: ReadonlyMap<string, Chain>;
}

const GiB = 1024 ** 3;
const WINSTON_PER_AR = 1e12;
/** Prices that are a minute old are told by caches too, seconds. */
const MAX_AGE = 'public, max-age=60';

const Price = Type.Object({
  winc: Winc,
  adjustments: Type.Array(AdjustmentAnswer),
  fees: Type.Array(AdjustmentAnswer),
});
const Worth = Type.Object({
  winc: Winc,
  adjustments: Type.Array(DiscountAnswer),
  fees: Type.Array(AdjustmentAnswer),
  // Of tokens they may exceed what a number of JavaScript holds exactly; every digit is written.
  actualPaymentAmount: Type.Integer(),
  quotedPaymentAmount: Type.Integer(),
});
interface WorthAnswer extends Omit<Static<typeof Worth>, 'actualPaymentAmount' | 'quotedPaymentAmount'> {
  readonly actualPaymentAmount: number | bigint;
  readonly quotedPaymentAmount: number | bigint;
}

/** What storage costs, and what payments are worth. */
export function addPriceRoutes(app: FastifyInstance, options: PriceRoutes): void {
  addBytes(app, options);
  addPayments(app, options);
  addRates(app, options);
  addLists(app);
}

function addBytes(app: FastifyInstance, { prices }: PriceRoutes): void {
  const schema = { tags: ['prices'], summary: 'What storing so many bytes costs', response: { 200: Price } };
  for (const path of ['/price/bytes/:bytes', '/price/:bytes']) {
    app.get<{ Params: { bytes: string } }>(path, { schema }, async ({ params }, reply) => {
      const { winc, applied } = await prices.ofBytes(wholeNumber(params.bytes));
      reply.header('cache-control', MAX_AGE);
      return { winc: String(winc), adjustments: adjustmentsIn(applied), fees: [] };
    });
  }
}

const PaymentQuery = Type.Object({
  promoCode: Type.Optional(PromoCodeParam),
  destinationAddress: Type.Optional(Type.String({ maxLength: 100, description: 'Whom promo codes are for.' })),
});

function addPayments(app: FastifyInstance, options: PriceRoutes): void {
  const schema = {
    tags: ['prices'],
    summary: 'What an amount of a token or a currency is worth, in its smallest unit',
    querystring: PaymentQuery,
    response: { 200: Worth },
  };
  app.get<{ Params: { currency: string; amount: string }; Querystring: Static<typeof PaymentQuery> }>(
    '/price/:currency/:amount',
    { schema },
    async ({ params, query }) => {
      const code = params.currency.toLowerCase();
      const chain = options.chains.get(code);
      return chain ? tokenWorth(chain, params.amount, options) : currencyWorth(code, params.amount, query, options);
    },
  );
}

async function tokenWorth(chain: Chain, text: string, { prices }: PriceRoutes): Promise<WorthAnswer> {
  const amount = readQuantity(text);
  const { applied, winc } = await prices.ofToken(chain, amount);
  return {
    winc: String(winc),
    adjustments: [],
    fees: adjustmentsIn(applied),
    actualPaymentAmount: amount,
    quotedPaymentAmount: amount,
  };
}

async function currencyWorth(
  currency: string,
  text: string,
  query: Static<typeof PaymentQuery>,
  { prices, promoCodes }: PriceRoutes,
): Promise<WorthAnswer> {
  const amount = wholeNumber(text);
  const { applied, winc } = await prices.ofCurrency(currency, amount);
  const address = normalAddress(query.destinationAddress ?? '');
  const promos = await promoCodes.usable(promoCodesIn(query.promoCode), { currency, amount, address });
  const paid = discounted(amount, promos, leastCharge(currencies[currency]!));
  return {
    winc: String(winc),
    adjustments: discountsIn(paid.discounts, currency),
    fees: adjustmentsIn(applied),
    actualPaymentAmount: paid.amount,
    quotedPaymentAmount: amount,
  };
}

function addRates(app: FastifyInstance, { prices }: PriceRoutes): void {
  const AllRates = Type.Object({
    winc: Winc,
    fiat: Type.Record(Type.String(), Type.Number()),
    adjustments: Type.Array(AdjustmentAnswer),
  });
  const schema = { tags: ['prices'], summary: 'What 1 GiB costs', response: { 200: AllRates } };
  app.get('/rates', { schema }, async () => {
    const { winc, applied } = await prices.ofBytes(GiB);
    const told = Object.keys(currencies).map(async (code) => {
      const { scaled } = await prices.rateOf(code);
      return [code, (Number(winc) / WINSTON_PER_AR) * (Number(scaled) / 1e12)] as const;
    });
    const fiat = Object.fromEntries(await Promise.all(told));
    return { winc: String(winc), fiat, adjustments: adjustmentsIn(applied) };
  });
  const OneRate = Type.Object({ currency: Type.String(), rate: Type.Number() });
  app.get<{ Params: { currency: string } }>(
    '/rates/:currency',
    { schema: { tags: ['prices'], summary: 'What one AR costs', response: { 200: OneRate } } },
    async ({ params }) => {
      const currency = params.currency.toLowerCase();
      return { currency, rate: Number((await prices.rateOf(currency)).scaled) / 1e12 };
    },
  );
}

function addLists(app: FastifyInstance): void {
  const Limits = Type.Object({
    minimumPaymentAmount: Type.Integer(),
    maximumPaymentAmount: Type.Integer(),
    suggestedPaymentAmounts: Type.Array(Type.Integer()),
    zeroDecimalCurrency: Type.Boolean(),
  });
  const Currencies = Type.Object({
    supportedCurrencies: Type.Array(Type.String()),
    limits: Type.Record(Type.String(), Limits),
  });
  const limits = Object.fromEntries(
    Object.entries(currencies).map(([code, { decimals, maximum, minimum, suggested }]) => [
      code,
      {
        minimumPaymentAmount: minimum,
        maximumPaymentAmount: maximum,
        suggestedPaymentAmounts: [...suggested],
        zeroDecimalCurrency: decimals === 0,
      },
    ]),
  );
  const currencySchema = { tags: ['prices'], summary: 'Currencies, and their limits', response: { 200: Currencies } };
  app.get('/currencies', { schema: currencySchema }, async () => ({
    supportedCurrencies: Object.keys(currencies),
    limits,
  }));
  const countries = countryNames();
  const countrySchema = { tags: ['prices'], summary: 'Countries', response: { 200: Type.Array(Type.String()) } };
  app.get('/countries', { schema: countrySchema }, async () => countries);
}

/** @throws ApiError for anything else than a quantity of a token's smallest unit */
function readQuantity(text: string): bigint {
  if (!/^\d{1,60}$/.test(text)) {
    throw new ApiError('invalid_request', { detail: 'Give a quantity in the smallest unit of the token.' });
  }
  return BigInt(text);
}
