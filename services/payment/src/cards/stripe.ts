import { Stripe } from 'stripe';
import {
  type CardEvent,
  CardMessageForged,
  type CardPayment,
  type CardProvider,
  CardProviderDown,
  type CheckoutPage,
  type PaymentSession,
} from './provider.ts';

export interface StripeOptions {
  readonly secretKey: string;
  readonly webhookSecret: string;
  /** Where its API is; another one in tests. */
  readonly url: string;
}

/** Of one call: a client waits for it, milliseconds. */
const TIMEOUT_MS = 10_000;
/** Stripe closes no page earlier after it was made; a minute more, because clocks differ. Milliseconds. */
const SHORTEST_PAGE_MS = 31 * 60_000;
/** Under this name a payment says which quote it is for. */
const QUOTE = 'topUpQuoteId';
const PRODUCT = 'Storage credits';

const uiModes = { hosted: 'hosted_page', embedded: 'embedded_page' } as const;

/** Cards through Stripe. */
export class StripeCards implements CardProvider {
  readonly #stripe: Stripe;
  readonly #webhookSecret: string;

  constructor({ secretKey, url, webhookSecret }: StripeOptions) {
    const { hostname, port, protocol } = new URL(url);
    this.#stripe = new Stripe(secretKey, {
      host: hostname,
      protocol: protocol === 'http:' ? 'http' : 'https',
      ...(port === '' ? {} : { port }),
      timeout: TIMEOUT_MS,
      maxNetworkRetries: 1,
      telemetry: false,
    });
    this.#webhookSecret = webhookSecret;
  }

  async checkout(payment: CardPayment, page: CheckoutPage): Promise<PaymentSession> {
    const { cancelUrl, returnUrl, successUrl, uiMode } = page;
    const expiresAt = Math.max(page.expiresAt, Date.now() + SHORTEST_PAGE_MS);
    const session = await answered(() =>
      this.#stripe.checkout.sessions.create({
        mode: 'payment',
        ui_mode: uiModes[uiMode],
        line_items: [
          {
            quantity: 1,
            price_data: {
              currency: payment.currency,
              unit_amount: payment.amount,
              product_data: { name: PRODUCT, description: payment.description },
            },
          },
        ],
        payment_intent_data: { metadata: { [QUOTE]: payment.quoteId }, description: payment.description },
        expires_at: Math.floor(expiresAt / 1000),
        ...(uiMode === 'hosted' && successUrl !== undefined && { success_url: successUrl }),
        ...(uiMode === 'hosted' && cancelUrl !== undefined && { cancel_url: cancelUrl }),
        ...(uiMode === 'embedded' && returnUrl !== undefined && { return_url: returnUrl }),
        ...(uiMode === 'embedded' && returnUrl === undefined && { redirect_on_completion: 'never' as const }),
      }),
    );
    return { id: session.id, url: session.url, client_secret: session.client_secret };
  }

  async intent({ amount, currency, description, quoteId }: CardPayment): Promise<PaymentSession> {
    const intent = await answered(() =>
      this.#stripe.paymentIntents.create({
        amount,
        currency,
        description,
        metadata: { [QUOTE]: quoteId },
        automatic_payment_methods: { enabled: true },
      }),
    );
    return { id: intent.id, url: null, client_secret: intent.client_secret };
  }

  async refund(paymentIntent: string): Promise<void> {
    try {
      await this.#stripe.refunds.create(
        { payment_intent: paymentIntent },
        { idempotencyKey: `bundler-refund-${paymentIntent}` },
      );
    } catch (cause) {
      if (cause instanceof Stripe.errors.StripeError && cause.code === 'charge_already_refunded') return;
      throw new CardProviderDown(`Stripe refused a refund: ${(cause as Error).message}`, { cause });
    }
  }

  read(body: Buffer, signature: string): { readonly id: string; readonly event: CardEvent | undefined } {
    try {
      const event = this.#stripe.webhooks.constructEvent(body, signature, this.#webhookSecret);
      return { id: event.id, event: eventOf(event) };
    } catch (cause) {
      throw new CardMessageForged('not a signed message of Stripe', { cause });
    }
  }
}

async function answered<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
  try {
    return await ask();
  } catch (cause) {
    throw new CardProviderDown(`Stripe: ${(cause as Error).message}`, { cause });
  }
}

/** Payments of the same Stripe account that name no quote are somebody else's. */
function eventOf(event: Stripe.Event): CardEvent | undefined {
  switch (event.type) {
    case 'payment_intent.succeeded':
      return paidOf(event.data.object, event.created * 1000);
    case 'charge.dispute.created':
    case 'charge.dispute.closed':
      return disputedOf(event.type, event.data.object);
    case 'charge.refunded':
      return refundedOf(event.data.object, event.data.object.amount_refunded, 'total');
    // The last is what older versions of the API tell instead.
    case 'refund.created':
    case 'refund.updated':
    case 'refund.failed':
    case 'charge.refund.updated': {
      const { amount, status } = event.data.object;
      return refundedOf(event.data.object, amount, status === 'failed' || status === 'canceled' ? 'failed' : 'made');
    }
    default:
      return undefined;
  }
}

function paidOf(intent: Stripe.PaymentIntent, at: number): CardEvent | undefined {
  const { amount_received: amount, currency, id: paymentIntent, metadata } = intent;
  const quoteId = metadata[QUOTE];
  return quoteId === undefined ? undefined : { type: 'paid', paymentIntent, quoteId, amount, currency, at };
}

function disputedOf(type: string, dispute: Stripe.Dispute): CardEvent | undefined {
  const { amount, currency, id, status } = dispute;
  const paymentIntent = intentOf(dispute);
  if (paymentIntent === undefined) return undefined;
  return { type: 'disputed', dispute: id, paymentIntent, amount, currency, state: stateOf(type, status) };
}

function refundedOf(
  about: Stripe.Charge | Stripe.Refund,
  amount: number,
  state: 'total' | 'made' | 'failed',
): CardEvent | undefined {
  const paymentIntent = intentOf(about);
  return paymentIntent === undefined ? undefined : { type: 'refunded', refund: about.id, paymentIntent, amount, state };
}

function intentOf({ payment_intent: intent }: Stripe.Charge | Stripe.Refund | Stripe.Dispute): string | undefined {
  return typeof intent === 'string' ? intent : intent?.id;
}

/** An inquiry that is closed, and one that was headed off, took no money. */
function stateOf(type: string, status: string): 'open' | 'won' | 'lost' {
  if (type === 'charge.dispute.created') return 'open';
  return status === 'lost' ? 'lost' : 'won';
}
