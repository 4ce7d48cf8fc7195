import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Stripe } from 'stripe';
import { closeNow, listenLocally } from '../local-http.ts';

/** A payment that somebody was asked for, or has made. */
export interface PlayedPayment {
  readonly intent: string;
  readonly amount: number;
  readonly currency: string;
  readonly metadata: Readonly<Record<string, string>>;
  /** What the page was asked to be, as form fields; empty of an intent. */
  readonly fields: Readonly<Record<string, string>>;
}

/** Stripe, as far as a seller of credits meets it: sessions, intents, refunds, and messages signed by its own library. */
export class StripeStandIn {
  readonly webhookSecret = 'whsec_of_a_test';
  readonly secretKey = 'sk_test_of_a_test';
  /** By the id of the session or the intent. */
  readonly payments = new Map<string, PlayedPayment>();
  /** Intents that were given back, as often as it was asked with a new key. */
  readonly refunds: string[] = [];
  away = false;
  readonly #library = new Stripe(this.secretKey);
  readonly #keys = new Set<string>();
  #made = 0;
  readonly #server: Server = createServer((request, response) => {
    this.#serve(request, response).catch((error: Error) => response.destroy(error));
  });

  start(): Promise<string> {
    return listenLocally(this.#server);
  }

  stop(): Promise<void> {
    return closeNow(this.#server);
  }

  /** The message that a payment was made: of a session or an intent. */
  paid(id: string, changed: { readonly amount?: number; readonly at?: number; readonly intent?: string } = {}): object {
    const { amount, currency, intent, metadata } = this.payments.get(id)!;
    const object = {
      object: 'payment_intent',
      id: changed.intent ?? intent,
      amount_received: changed.amount ?? amount,
      currency,
      metadata,
    };
    return this.#event('payment_intent.succeeded', object, changed.at);
  }

  /** The message that a payment is disputed, or is no longer. */
  disputed(id: string, status = 'needs_response', amount = this.payments.get(id)!.amount): object {
    const { currency, intent } = this.payments.get(id)!;
    const type = status === 'needs_response' ? 'charge.dispute.created' : 'charge.dispute.closed';
    return this.#event(type, {
      object: 'dispute',
      id: `dp_${intent}`,
      amount,
      currency,
      payment_intent: intent,
      status,
    });
  }

  /** The message that a charge was refunded: so much of it in all until now. */
  refunded(id: string, total = this.payments.get(id)!.amount, intent = this.payments.get(id)!.intent): object {
    const charge = { object: 'charge', id: `ch_${intent}`, amount_refunded: total, payment_intent: intent };
    return this.#event('charge.refunded', charge);
  }

  /** The message about one refund of a payment. */
  refund(id: string, name: string, amount: number, status = 'succeeded'): object {
    const { currency, intent } = this.payments.get(id)!;
    const refund = { object: 'refund', id: `re_${intent}_${name}`, amount, currency, payment_intent: intent, status };
    return this.#event(refundEvents[status] ?? 'refund.created', refund);
  }

  /** Sends a message to a webhook. @returns its status */
  async tell(webhook: string, event: object, secret = this.webhookSecret): Promise<number> {
    const payload = JSON.stringify(event);
    const signature = this.#library.webhooks.generateTestHeaderString({ payload, secret });
    const headers = { 'content-type': 'application/json; charset=utf-8', 'stripe-signature': signature };
    const answer = await fetch(webhook, { method: 'POST', headers, body: payload });
    await answer.body?.cancel();
    return answer.status;
  }

  #event(type: string, object: object, at = Date.now()): object {
    this.#made += 1;
    return { id: `evt_${this.#made}`, object: 'event', type, created: Math.floor(at / 1000), data: { object } };
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    request.setEncoding('utf8');
    let text = '';
    for await (const piece of request) text += piece;
    const fields = Object.fromEntries(new URLSearchParams(text));
    const answer = (status: number, body: object): void => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    };
    if (this.away) return answer(500, { error: { type: 'api_error', message: 'out of order' } });
    if (request.headers.authorization !== `Bearer ${this.secretKey}`)
      return answer(401, { error: { type: 'invalid_request_error', message: 'no such key' } });
    const make = makers[`${request.method} ${request.url}`];
    if (!make) return answer(404, { error: { type: 'invalid_request_error', message: `no ${request.url}` } });
    return answer(200, make(this, fields, String(request.headers['idempotency-key'])));
  }

  /** Notes a payment under the id that its maker is told. */
  note(prefix: string, payment: Omit<PlayedPayment, 'intent'>): PlayedPayment & { readonly id: string } {
    this.#made += 1;
    const id = `${prefix}_test_${this.#made}`;
    const noted = { ...payment, intent: prefix === 'pi' ? id : `pi_of_${id}` };
    this.payments.set(id, noted);
    return { ...noted, id };
  }

  /** Gives an intent back, once for each key. */
  giveBack(intent: string, key: string): void {
    if (!this.#keys.has(key)) this.refunds.push(intent);
    this.#keys.add(key);
  }
}

const refundEvents: Readonly<Record<string, string>> = { failed: 'refund.failed', canceled: 'refund.updated' };

type Fields = Readonly<Record<string, string>>;
const makers: Readonly<Record<string, (stripe: StripeStandIn, fields: Fields, key: string) => object>> = {
  'POST /v1/checkout/sessions': (stripe, fields) => {
    const { currency, id } = stripe.note('cs', {
      amount: Number(fields['line_items[0][price_data][unit_amount]']),
      currency: fields['line_items[0][price_data][currency]']!,
      metadata: { topUpQuoteId: fields['payment_intent_data[metadata][topUpQuoteId]']! },
      fields,
    });
    const isHosted = fields.ui_mode === 'hosted_page';
    return {
      id,
      object: 'checkout.session',
      currency,
      url: isHosted ? `https://checkout.stripe.example/${id}` : null,
      client_secret: isHosted ? null : `${id}_secret`,
    };
  },
  'POST /v1/payment_intents': (stripe, fields) => {
    const { amount, currency, id } = stripe.note('pi', {
      amount: Number(fields.amount),
      currency: fields.currency!,
      metadata: { topUpQuoteId: fields['metadata[topUpQuoteId]']! },
      fields,
    });
    return { id, object: 'payment_intent', amount, currency, client_secret: `${id}_secret` };
  },
  'POST /v1/refunds': (stripe, fields, key) => {
    stripe.giveBack(fields.payment_intent!, key);
    return { id: `re_${fields.payment_intent}`, object: 'refund', status: 'succeeded' };
  },
};
