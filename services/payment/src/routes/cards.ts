import { randomUUID } from 'node:crypto';
import { ApiError } from '@bundler/contract';
import type { FastifyInstance } from 'fastify';
import { type Static, Type } from 'typebox';
import { normalAddress } from '../access/addresses.ts';
import { emailAddress } from '../access/email.ts';
import { CardMessageForged, type CardProvider, CardProviderDown, type PaymentSession } from '../cards/provider.ts';
import type { Discount } from '../ledger/promo-code.ts';
import { currencies, leastCharge } from '../pricing/currencies.ts';
import type { Prices } from '../pricing/prices.ts';
import type { CardEvents } from '../store/card-events.ts';
import type { CardQuote, CardQuotes } from '../store/card-quotes.ts';
import type { Gifts } from '../store/gifts.ts';
import { AdjustmentAnswer, adjustmentsIn, DiscountAnswer, discountsIn, Winc, wholeNumber } from './answers.ts';
import { PromoCodeParam, promoCodesIn } from './promo-codes.ts';

export interface CardRoutes {
  readonly cards: {
    /** Undefined where no cards are taken. */
    readonly provider: CardProvider | undefined;
    /** Whether e-mails can be sent, without which there are no gifts. */
    readonly takesGifts: boolean;
    readonly quotes: Pick<CardQuotes, 'open' | 'drop' | 'isFlagged'>;
    readonly events: Pick<CardEvents, 'keep'>;
    readonly gifts: Pick<Gifts, 'redeem'>;
    readonly prices: Pick<Prices, 'ofCurrency'>;
    readonly quoteLifetimeMs: () => number;
    /** Where pages go that the client names no address for; empty for nowhere. */
    readonly successUrl: () => string;
    readonly cancelUrl: () => string;
    /** Told when a message was kept. */
    readonly onKept: () => void;
  };
}

/** Largest message of the provider that is read. */
const WEBHOOK_LIMIT = 256 * 1024;
const methods = ['payment-intent', 'checkout-session'] as const;

/** Credits by card, and gifts. */
export function addCardRoutes(app: FastifyInstance, { cards }: CardRoutes): void {
  addQuotes(app, cards);
  addWebhook(app, cards);
  addRedeem(app, cards);
}

type Cards = CardRoutes['cards'];

const QuoteParams = Type.Object({
  method: Type.String({ description: methods.join(' or ') }),
  address: Type.String({ maxLength: 320 }),
  currency: Type.String({ maxLength: 16 }),
  amount: Type.String({ maxLength: 32 }),
});
const Url = Type.Optional(Type.String({ maxLength: 2000 }));
const QuoteQuery = Type.Object({
  destinationAddressType: Type.Optional(
    Type.String({ maxLength: 32, description: '`email` makes a gift for whoever reads mail there.' }),
  ),
  giftMessage: Type.Optional(Type.String({ maxLength: 500 })),
  uiMode: Type.Optional(Type.Enum(['hosted', 'embedded'], { type: 'string' })),
  successUrl: Url,
  cancelUrl: Url,
  returnUrl: Url,
  promoCode: Type.Optional(PromoCodeParam),
});
type QuoteQuery = Static<typeof QuoteQuery>;
const QuoteAnswer = Type.Object({
  topUpQuote: Type.Object({
    topUpQuoteId: Type.String(),
    destinationAddress: Type.String(),
    destinationAddressType: Type.String(),
    paymentAmount: Type.Integer(),
    quotedPaymentAmount: Type.Integer(),
    winstonCreditAmount: Winc,
    currencyType: Type.String(),
    quoteExpirationDate: Type.String(),
    paymentProvider: Type.String(),
    giftMessage: Type.Optional(Type.String()),
  }),
  paymentSession: Type.Object({
    id: Type.String(),
    url: Type.Union([Type.String(), Type.Null()]),
    client_secret: Type.Union([Type.String(), Type.Null()]),
  }),
  adjustments: Type.Array(DiscountAnswer),
  fees: Type.Array(AdjustmentAnswer),
});

function addQuotes(app: FastifyInstance, cards: Cards): void {
  const schema = {
    tags: ['cards'],
    summary: 'Offers credits for a payment by card; the price holds until the offer ends',
    params: QuoteParams,
    querystring: QuoteQuery,
    response: { 200: QuoteAnswer },
  };
  app.get<{ Params: Static<typeof QuoteParams>; Querystring: QuoteQuery }>(
    '/top-up/:method/:address/:currency/:amount',
    { schema },
    async ({ params, query }) => {
      const provider = providerOf(cards);
      const method = methods.find((known) => known === params.method);
      if (!method) throw new ApiError('invalid_request', { detail: `Pay by ${methods.join(' or ')}.` });
      const [currency, amount] = [params.currency.toLowerCase(), wholeNumber(params.amount)];
      const { applied, winc } = await cards.prices.ofCurrency(currency, amount);
      if (winc < 1n) throw new ApiError('invalid_request', { detail: 'That is worth less than one credit.' });
      const who = await destinationOf(params.address, query, cards);
      const urls = method === 'checkout-session' ? pageUrls(query, cards) : undefined;
      const { discounts, quote } = await cards.quotes.open({
        ...who,
        id: randomUUID(),
        currency,
        quotedAmount: amount,
        winc,
        promoCodes: promoCodesIn(query.promoCode),
        least: leastCharge(currencies[currency]!),
        lifetimeMs: cards.quoteLifetimeMs(),
      });
      const paymentSession = await openSession(provider, quote, urls).catch(async (cause: unknown) => {
        await cards.quotes.drop(quote.id);
        if (cause instanceof CardProviderDown) throw new ApiError('cards_unavailable', { cause, retryAfter: 5 });
        throw cause;
      });
      return quoteAnswer(quote, paymentSession, discounts, adjustmentsIn(applied));
    },
  );
}

/** @throws ApiError for somebody who cannot be given credits by card */
async function destinationOf(
  text: string,
  { destinationAddressType: type, giftMessage }: QuoteQuery,
  { quotes, takesGifts }: Cards,
): Promise<Pick<CardQuote, 'destination' | 'isGift' | 'giftMessage'>> {
  if (type === 'email') {
    if (!takesGifts) throw new ApiError('gifts_off');
    const email = emailAddress(text);
    if (email === undefined) throw new ApiError('invalid_request', { detail: 'That is no e-mail address.' });
    return { destination: email, isGift: true, giftMessage: giftMessage ?? null };
  }
  const destination = normalAddress(text);
  if (destination === undefined) throw new ApiError('invalid_destination');
  if (await quotes.isFlagged(destination)) throw new ApiError('account_flagged');
  return { destination, isGift: false, giftMessage: null };
}

type PageUrls = Pick<Parameters<CardProvider['checkout']>[1], 'uiMode' | 'successUrl' | 'cancelUrl' | 'returnUrl'>;

/** @throws ApiError when a hosted page would lead nowhere */
function pageUrls(query: QuoteQuery, cards: Cards): PageUrls {
  const uiMode = query.uiMode ?? 'hosted';
  const successUrl = webUrl(query.successUrl ?? cards.successUrl());
  if (uiMode === 'hosted' && successUrl === undefined)
    throw new ApiError('invalid_request', { detail: 'Say a successUrl: this service has none of its own.' });
  const cancelUrl = webUrl(query.cancelUrl ?? cards.cancelUrl());
  return { uiMode, successUrl, cancelUrl, returnUrl: webUrl(query.returnUrl ?? '') };
}

function webUrl(text: string): string | undefined {
  if (text === '') return undefined;
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol))
    throw new ApiError('invalid_request', { detail: 'Addresses of pages begin with https://.' });
  return text;
}

function openSession(provider: CardProvider, quote: CardQuote, urls: PageUrls | undefined): Promise<PaymentSession> {
  const payment = {
    quoteId: quote.id,
    amount: quote.paymentAmount,
    currency: quote.currency,
    description: quote.isGift ? 'A gift of storage credits' : `Storage credits for ${quote.destination}`,
  };
  return urls === undefined
    ? provider.intent(payment)
    : provider.checkout(payment, { ...urls, expiresAt: quote.expiresAt.getTime() });
}

function quoteAnswer(
  quote: CardQuote,
  paymentSession: PaymentSession,
  discounts: readonly Discount[],
  fees: Static<typeof AdjustmentAnswer>[],
): Static<typeof QuoteAnswer> {
  return {
    topUpQuote: {
      topUpQuoteId: quote.id,
      destinationAddress: quote.destination,
      destinationAddressType: quote.isGift ? 'email' : 'address',
      paymentAmount: quote.paymentAmount,
      quotedPaymentAmount: quote.quotedAmount,
      winstonCreditAmount: String(quote.winc),
      currencyType: quote.currency,
      quoteExpirationDate: quote.expiresAt.toISOString(),
      paymentProvider: 'stripe',
      ...(quote.giftMessage !== null && { giftMessage: quote.giftMessage }),
    },
    paymentSession,
    adjustments: discountsIn(discounts, quote.currency),
    fees,
  };
}

function addWebhook(app: FastifyInstance, cards: Cards): void {
  app.register(async (inside) => {
    // The signature is over the bytes as they came.
    inside.removeAllContentTypeParsers();
    inside.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
    const schema = {
      tags: ['cards'],
      summary: 'What Stripe tells: kept before it is acknowledged, then handled once',
      response: { 200: Type.Object({ received: Type.Boolean() }) },
    };
    inside.post<{ Body: Buffer | undefined }>(
      '/stripe-webhook',
      // Stripe tells all it has to tell from few addresses; what it has not signed is refused at once.
      { schema, bodyLimit: WEBHOOK_LIMIT, config: { rateLimitCost: () => 0 } },
      async ({ body, headers }) => {
        const message = readMessage(providerOf(cards), body, headers['stripe-signature']);
        if (message.event) {
          await cards.events.keep(message.id, message.event);
          cards.onKept();
        }
        return { received: true };
      },
    );
  });
}

function readMessage(provider: CardProvider, body: Buffer | undefined, signature: unknown) {
  try {
    return provider.read(body ?? Buffer.alloc(0), typeof signature === 'string' ? signature : '');
  } catch (cause) {
    if (cause instanceof CardMessageForged) throw new ApiError('webhook_not_signed', { cause });
    throw cause;
  }
}

const RedeemQuery = Type.Object({
  email: Type.String({ maxLength: 320 }),
  destinationAddress: Type.String({ maxLength: 100 }),
  id: Type.String({ maxLength: 100 }),
});
const RedeemAnswer = Type.Object({
  message: Type.String(),
  userBalance: Winc,
  userAddress: Type.String(),
  userCreationDate: Type.String(),
});
const giftFaults = {
  unknown: 'No gift with that code was sent to that e-mail address.',
  redeemed: 'The gift was redeemed before.',
  expired: 'The gift has ended.',
  void: 'The payment of the gift is disputed or was refunded.',
} as const;

function addRedeem(app: FastifyInstance, { gifts }: Cards): void {
  const schema = {
    tags: ['cards'],
    summary: 'Gives a gift to an address, once',
    querystring: RedeemQuery,
    response: { 200: RedeemAnswer },
  };
  app.get<{ Querystring: Static<typeof RedeemQuery> }>('/redeem', { schema }, async ({ query }, reply) => {
    const [email, address] = [emailAddress(query.email), normalAddress(query.destinationAddress)];
    if (email === undefined) throw new ApiError('invalid_request', { detail: 'That is no e-mail address.' });
    if (address === undefined) throw new ApiError('invalid_request', { detail: 'That is no address.' });
    const redeemed = await gifts.redeem(query.id, email, address);
    if (typeof redeemed === 'string') throw new ApiError('invalid_request', { detail: giftFaults[redeemed] });
    reply.header('cache-control', 'no-store');
    return {
      message: 'Gift redeemed',
      userBalance: String(redeemed.balance),
      userAddress: address,
      userCreationDate: redeemed.since.toISOString(),
    };
  });
}

function providerOf({ provider }: Cards): CardProvider {
  if (!provider) throw new ApiError('cards_off');
  return provider;
}
