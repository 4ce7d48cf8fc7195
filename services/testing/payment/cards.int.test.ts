import { randomBytes } from 'node:crypto';
import { MailSink } from '../src/cards/mail-sink.ts';
import { StripeStandIn } from '../src/cards/stripe-stand-in.ts';
import { until } from '../src/index.ts';
import { PaymentProcess } from '../src/payment-process.ts';
import { RatesStandIn } from '../src/rates-stand-in.ts';

const PATIENCE_MS = 30_000;
const MINUTE_MS = 60_000;
/** Ten dollars are one AR here. */
const WINC_PER_CENT = 10n ** 9n;
const LIMITS = { usd: [500, 1_000_000], jpy: [750, 1_500_000] } as const;

interface Quote {
  readonly topUpQuote: {
    readonly topUpQuoteId: string;
    readonly winstonCreditAmount: string;
    readonly paymentAmount: number;
    readonly quotedPaymentAmount: number;
    readonly quoteExpirationDate: string;
  };
  readonly paymentSession: { readonly id: string; readonly url: string | null; readonly client_secret: string | null };
  readonly adjustments: readonly { readonly promoCode: string; readonly adjustmentAmount: number }[];
}

const anAddress = (): string => randomBytes(32).toString('base64url');

describe('credits by card', () => {
  const [stripe, rates, mails] = [new StripeStandIn(), new RatesStandIn(), new MailSink()];
  let payment: PaymentProcess;

  beforeAll(async () => {
    payment = await PaymentProcess.start({
      STRIPE_SECRET_KEY: stripe.secretKey,
      STRIPE_WEBHOOK_SECRET: stripe.webhookSecret,
      STRIPE_API_URL: await stripe.start(),
      COINGECKO_API_URL: await rates.start(),
      SMTP_URL: await mails.start(),
      GIFT_EMAIL_FROM: 'gifts@bundler.example',
      GIFT_REDEEM_URL: 'https://app.example/redeem',
      TOP_UP_SUCCESS_URL: 'https://app.example/thanks',
    });
  }, 60_000);
  afterAll(async () => {
    await payment?.stop();
    await Promise.all([stripe.stop(), rates.stop(), mails.stop()]);
  });
  afterEach(async () => {
    stripe.away = false;
    await payment.ledger.requireBalanced();
  });

  const get = async (path: string): Promise<{ status: number; text: string }> => {
    const answer = await fetch(`${payment.url}/v1${path}`);
    return { status: answer.status, text: await answer.text() };
  };
  const quote = async (address: string, amount = 1000, query = '', method = 'payment-intent'): Promise<Quote> => {
    const { status, text } = await get(`/top-up/${method}/${address}/usd/${amount}?token=arweave&${query}`);
    if (status !== 200) throw new Error(`${status}: ${text}`);
    return JSON.parse(text) as Quote;
  };
  const tell = (event: object): Promise<number> => stripe.tell(`${payment.url}/v1/stripe-webhook`, event);
  const available = (address: string): Promise<bigint> => payment.ledger.balance('available', address);
  const untilBalance = (address: string, winc: bigint): Promise<void> =>
    until(async () => (await available(address)) === winc, PATIENCE_MS);
  const sql = (text: string, values: readonly unknown[] = []) =>
    payment.ledger.database.writer.raw<{ rows: Record<string, unknown>[] }>(text, values as never);
  const outcomeOf = async (event: object): Promise<string | null> => {
    const { id } = event as { id: string };
    await until(async () => {
      const { rows } = await sql('select handled_at is not null as done from card_events where id = ?', [id]);
      return rows[0]?.done === true;
    }, PATIENCE_MS);
    return (await sql('select outcome from card_events where id = ?', [id])).rows[0]!.outcome as string | null;
  };
  /** Buys so many cents' worth for somebody, to the end. */
  const buy = async (address: string, amount = 1000): Promise<string> => {
    const { paymentSession } = await quote(address, amount);
    const event = stripe.paid(paymentSession.id);
    expect(await tell(event)).toBe(200);
    expect(await outcomeOf(event)).toBe('credited');
    return paymentSession.id;
  };

  describe('an offer', () => {
    it('holds a price for half an hour, as an intent or as a page of Stripe', async () => {
      const address = anAddress();
      const intent = await quote(address);
      expect(intent.topUpQuote).toMatchObject({
        destinationAddress: address,
        paymentAmount: 1000,
        quotedPaymentAmount: 1000,
        winstonCreditAmount: String(1000n * WINC_PER_CENT),
        currencyType: 'usd',
        paymentProvider: 'stripe',
      });
      const lasts = Date.parse(intent.topUpQuote.quoteExpirationDate) - Date.now();
      expect(lasts).toBeGreaterThan(29 * MINUTE_MS);
      expect(lasts).toBeLessThanOrEqual(31 * MINUTE_MS);
      expect(intent.paymentSession).toMatchObject({ url: null, client_secret: expect.stringContaining('secret') });
      const hosted = await quote(address, 1000, 'uiMode=hosted', 'checkout-session');
      expect(hosted.paymentSession.url).toContain('https://');
      expect(stripe.payments.get(hosted.paymentSession.id)!.fields).toMatchObject({
        success_url: 'https://app.example/thanks',
        'line_items[0][price_data][unit_amount]': '1000',
      });
      const embedded = await quote(address, 1000, 'uiMode=embedded', 'checkout-session');
      expect(embedded.paymentSession).toMatchObject({ url: null, client_secret: expect.any(String) });
    });

    it.each(Object.entries(LIMITS))('is made from the least to the most that %s takes', async (code, [least, most]) => {
      const statusOf = async (amount: number): Promise<number> =>
        (await get(`/top-up/payment-intent/${anAddress()}/${code}/${amount}`)).status;
      expect([await statusOf(least), await statusOf(most)]).toEqual([200, 200]);
      expect([await statusOf(least - 1), await statusOf(most + 1)]).toEqual([400, 400]);
    });

    it.each([
      ['another way to pay', `/top-up/cheque/${anAddress()}/usd/1000`, 400],
      ['another currency', `/top-up/payment-intent/${anAddress()}/xyz/1000`, 400],
      ['no number', `/top-up/payment-intent/${anAddress()}/usd/ten`, 400],
      ['no address', '/top-up/payment-intent/nobody/usd/1000', 403],
      ['no e-mail address', '/top-up/payment-intent/nobody/usd/1000?destinationAddressType=email', 400],
      ['a page without the web', `/top-up/checkout-session/${anAddress()}/usd/1000?successUrl=javascript:1`, 400],
    ])('is refused for %s', async (_what, path, status) => {
      expect((await get(path)).status).toBe(status);
    });

    it('is answered with 503 while Stripe is away, and takes no use of a promo code', async () => {
      await sql(`insert into promo_codes (code, percent, max_uses) values ('AWAY', 50, 1)`);
      stripe.away = true;
      expect((await get(`/top-up/payment-intent/${anAddress()}/usd/1000?promoCode=AWAY`)).status).toBe(503);
      stripe.away = false;
      expect((await quote(anAddress(), 1000, 'promoCode=AWAY')).topUpQuote.paymentAmount).toBe(500);
    });
  });

  describe('a payment', () => {
    it('is credited once, however often and by however many it is told', async () => {
      const address = anAddress();
      const { paymentSession } = await quote(address, 2500);
      const event = stripe.paid(paymentSession.id);
      expect(await Promise.all([1, 2, 3].map(() => tell(event)))).toEqual([200, 200, 200]);
      await untilBalance(address, 2500n * WINC_PER_CENT);
      // Stripe may also tell the same under another id.
      const again = stripe.paid(paymentSession.id);
      await tell(again);
      expect(await outcomeOf(again)).toBe('known');
      expect(await available(address)).toBe(2500n * WINC_PER_CENT);
    });

    it('is credited at the price of the offer, whatever has become of prices', async () => {
      const address = anAddress();
      const { paymentSession, topUpQuote } = await quote(address);
      await sql(
        `insert into adjustments (applies_to, name, operator, magnitude) values ('top-up', 'fee', 'multiply', 0.1)`,
      );
      await tell(stripe.paid(paymentSession.id));
      await untilBalance(address, BigInt(topUpQuote.winstonCreditAmount));
      await sql('delete from adjustments');
    });

    it('goes back when it came too late, was another amount, or was the second for one offer', async () => {
      const [late, wrong, twice] = [await quote(anAddress()), await quote(anAddress()), await quote(anAddress())];
      const tooLate = Date.parse(late.topUpQuote.quoteExpirationDate) + 11 * MINUTE_MS;
      const events = [
        stripe.paid(late.paymentSession.id, { at: tooLate }),
        stripe.paid(wrong.paymentSession.id, { amount: 1 }),
        stripe.paid(twice.paymentSession.id),
        stripe.paid(twice.paymentSession.id, { intent: 'pi_second' }),
      ];
      const outcomes: (string | null)[] = [];
      for (const event of events) {
        await tell(event);
        outcomes.push(await outcomeOf(event));
      }
      expect(outcomes).toEqual([
        'refund: the quote had expired',
        'refund: another amount than was quoted',
        'credited',
        'refund: the quote was settled before',
      ]);
      const intents = [late.paymentSession.id, wrong.paymentSession.id, 'pi_second'];
      await until(() => intents.every((intent) => stripe.refunds.includes(intent)), PATIENCE_MS);
      expect(stripe.refunds.filter((intent) => intents.includes(intent)).length).toBe(3);
      // Stripe tells of these refunds as of any other.
      const issued = await payment.ledger.balance('issued', 'stripe');
      const told = [
        stripe.refunded(late.paymentSession.id),
        stripe.refunded(wrong.paymentSession.id, 1),
        stripe.refunded(twice.paymentSession.id, 1000, 'pi_second'),
      ];
      for (const event of told) {
        await tell(event);
        expect(await outcomeOf(event)).toBe('nothing was credited');
      }
      expect(await payment.ledger.balance('issued', 'stripe')).toBe(issued);
    });

    it('a little late, because the bank asked its customer back, is credited', async () => {
      const address = anAddress();
      const { paymentSession, topUpQuote } = await quote(address);
      await tell(stripe.paid(paymentSession.id, { at: Date.parse(topUpQuote.quoteExpirationDate) + 5 * MINUTE_MS }));
      await untilBalance(address, 1000n * WINC_PER_CENT);
    });

    it('is given back although Stripe was away when it was tried first', async () => {
      const { paymentSession } = await quote(anAddress());
      stripe.away = true;
      const event = stripe.paid(paymentSession.id, { amount: 7 });
      await tell(event);
      await outcomeOf(event);
      await until(async () => {
        const { rows } = await sql(
          `select count(*)::int as n from outbox where reference = ? and last_error is not null`,
          [paymentSession.id],
        );
        return rows[0]!.n === 1;
      }, PATIENCE_MS);
      stripe.away = false;
      await sql('update outbox set next_try_at = now() where done_at is null');
      await until(() => stripe.refunds.includes(paymentSession.id), PATIENCE_MS);
    });

    it('survives kill -9 between the 200 and what follows from it', async () => {
      const address = anAddress();
      const { paymentSession, topUpQuote } = await quote(address);
      // Whoever handles the message waits for this row.
      const trx = await payment.ledger.database.writer.transaction();
      await trx.raw('select from card_quotes where id = ? for update', [topUpQuote.topUpQuoteId]);
      expect(await tell(stripe.paid(paymentSession.id))).toBe(200);
      expect(await available(address)).toBe(0n);
      await payment.crash();
      await trx.rollback();
      await untilBalance(address, 1000n * WINC_PER_CENT);
    }, 60_000);
  });

  describe('the webhook', () => {
    it('takes nothing that Stripe has not signed, nor what is too large, and leaves alone what is none of ours', async () => {
      const webhook = `${payment.url}/v1/stripe-webhook`;
      const { paymentSession } = await quote(anAddress());
      const event = stripe.paid(paymentSession.id);
      expect(await stripe.tell(webhook, event, 'whsec_of_somebody')).toBe(400);
      expect((await fetch(webhook, { method: 'POST', body: JSON.stringify(event) })).status).toBe(400);
      expect((await fetch(webhook, { method: 'POST' })).status).toBe(400);
      expect(await stripe.tell(webhook, { ...event, padding: 'x'.repeat(300_000) })).toBe(413);
      expect(await tell({ ...event, type: 'customer.created' })).toBe(200);
      const { rows } = await sql('select count(*)::int as n from card_events where id = ?', [
        (event as { id: string }).id,
      ]);
      expect(rows[0]!.n).toBe(0);
    });
  });

  const owed = (address: string): Promise<bigint> => payment.ledger.balance('owed', address);
  /** Spends so many cents' worth. */
  const spend = (address: string, cents: bigint) =>
    sql(
      `insert into transfers (reason, reference, debited, credited, amount)
       select 'capture', ?, a.id, e.id, ? from accounts a, accounts e
       where a.kind = 'available' and a.owner = ? and e.kind = 'earned'`,
      [`spent-${address}`, String(cents * WINC_PER_CENT), address],
    );
  /** Tells it, and waits until it is handled. */
  const handled = async (event: object): Promise<string | null> => {
    await tell(event);
    return outcomeOf(event);
  };

  describe('a dispute', () => {
    it('takes what is there, leaves the rest as a debt that the next credits pay, and refuses cards', async () => {
      const address = anAddress();
      const id = await buy(address);
      await spend(address, 600n);
      const event = stripe.disputed(id);
      expect([await tell(event), await tell(event)]).toEqual([200, 200]);
      expect(await outcomeOf(event)).toBe('debited');
      expect([await available(address), await owed(address)]).toEqual([0n, -600n * WINC_PER_CENT]);
      expect((await get(`/top-up/payment-intent/${address}/usd/1000`)).status).toBe(403);

      await payment.ledger.credit(address, 500n * WINC_PER_CENT);
      expect([await available(address), await owed(address)]).toEqual([0n, -100n * WINC_PER_CENT]);
      const won = stripe.disputed(id, 'won');
      await tell(won);
      expect(await outcomeOf(won)).toBe('won');
      expect([await available(address), await owed(address)]).toEqual([900n * WINC_PER_CENT, 0n]);
      expect((await get(`/top-up/payment-intent/${address}/usd/1000`)).status).toBe(200);
    });

    it('that is lost takes the credits out of the books, and keeps the flag', async () => {
      const address = anAddress();
      const id = await buy(address);
      const issued = await payment.ledger.balance('issued', 'stripe');
      for (const event of [stripe.disputed(id), stripe.disputed(id, 'lost')]) {
        await tell(event);
        await outcomeOf(event);
      }
      expect(await available(address)).toBe(0n);
      expect(await payment.ledger.balance('issued', 'stripe')).toBe(issued + 1000n * WINC_PER_CENT);
      expect((await get(`/top-up/payment-intent/${address}/usd/1000`)).status).toBe(403);
    });

    it('of a part takes that part, and may be told of before its payment and after its end', async () => {
      const address = anAddress();
      const { paymentSession } = await quote(address);
      const [paid, opened, closed] = [
        stripe.paid(paymentSession.id),
        stripe.disputed(paymentSession.id, 'needs_response', 300),
        stripe.disputed(paymentSession.id, 'lost', 300),
      ];
      await tell(closed);
      await tell(paid);
      expect(await outcomeOf(closed)).toBe('lost');
      await tell(opened);
      expect(await outcomeOf(opened)).toBe('known');
      expect(await available(address)).toBe(700n * WINC_PER_CENT);
      // Disputes from before refunds were followed do not say which part they are about.
      await sql('update disputes set amount = null where address = ?', [address]);
      expect(await handled(stripe.refunded(paymentSession.id, 100))).toBe('debited');
      expect(await available(address)).toBe(600n * WINC_PER_CENT);
    });
  });

  describe('a refund that somebody makes in Stripe', () => {
    /** What somebody has, less what they owe, in cents' worth. */
    const worth = async (address: string): Promise<bigint> =>
      ((await available(address)) + (await owed(address))) / WINC_PER_CENT;

    it('takes back its share, once, and the rest when the rest is refunded', async () => {
      const address = anAddress();
      const id = await buy(address);
      const issued = await payment.ledger.balance('issued', 'stripe');
      const part = stripe.refunded(id, 300);
      expect(await Promise.all([1, 2, 3].map(() => tell(part)))).toEqual([200, 200, 200]);
      expect(await outcomeOf(part)).toBe('debited');
      expect(await available(address)).toBe(700n * WINC_PER_CENT);
      // The same in the other way in which Stripe tells it.
      expect(await handled(stripe.refund(id, 'part', 300))).toBe('known');
      expect(await handled(stripe.refunded(id, 1000))).toBe('debited');
      expect(await available(address)).toBe(0n);
      // This one was on its way for long.
      expect(await handled(stripe.refunded(id, 300))).toBe('known');
      expect(await available(address)).toBe(0n);
      expect(await payment.ledger.balance('issued', 'stripe')).toBe(issued + 1000n * WINC_PER_CENT);
    });

    it('leaves what is spent as a debt that the next credits pay, and refuses no cards', async () => {
      const address = anAddress();
      const id = await buy(address);
      await spend(address, 600n);
      expect(await handled(stripe.refunded(id))).toBe('debited');
      expect([await available(address), await owed(address)]).toEqual([0n, -600n * WINC_PER_CENT]);
      await buy(address);
      expect([await available(address), await owed(address)]).toEqual([400n * WINC_PER_CENT, 0n]);
    });

    it('gives the credits back when it fails, to the debt first, and counts anew when it is made again', async () => {
      const address = anAddress();
      const id = await buy(address);
      await spend(address, 800n);
      expect(await handled(stripe.refund(id, 'first', 500, 'pending'))).toBe('debited');
      expect(await handled(stripe.refunded(id, 500))).toBe('known');
      expect([await available(address), await owed(address)]).toEqual([0n, -300n * WINC_PER_CENT]);
      expect(await handled(stripe.refund(id, 'first', 500, 'failed'))).toBe('given back');
      expect([await available(address), await owed(address)]).toEqual([200n * WINC_PER_CENT, 0n]);
      expect(await handled(stripe.refund(id, 'first', 500))).toBe('known');
      expect(await handled(stripe.refund(id, 'again', 500, 'requires_action'))).toBe('debited');
      expect([await available(address), await owed(address)]).toEqual([0n, -300n * WINC_PER_CENT]);
      expect(await handled(stripe.refund(id, 'again', 500, 'canceled'))).toBe('given back');
      expect([await available(address), await owed(address)]).toEqual([200n * WINC_PER_CENT, 0n]);
    });

    it('is followed where an older version of the API tells of sums and of failures only', async () => {
      const address = anAddress();
      const id = await buy(address);
      expect(await handled(stripe.refunded(id, 600))).toBe('debited');
      const failed = { ...stripe.refund(id, 'part', 100, 'failed'), type: 'charge.refund.updated' };
      expect(await handled(failed)).toBe('given back');
      expect(await worth(address)).toBe(500n);
    });

    it('may be told of before its payment, at the same time, and in any order', async () => {
      const orders = await Promise.all(
        [0, 1, 2, 3, 4, 5].map(async (order) => {
          const address = anAddress();
          const { id } = (await quote(address)).paymentSession;
          const events = [
            stripe.paid(id),
            stripe.refunded(id, 200),
            stripe.refund(id, 'a', 200),
            stripe.refunded(id, 600),
            stripe.refund(id, 'b', 400),
            stripe.refund(id, 'b', 400, 'failed'),
          ];
          return { address, id, events: [...events.slice(order), ...events.slice(0, order)] };
        }),
      );
      for (const { events } of orders.slice(0, 3)) for (const event of events) await handled(event);
      await Promise.all(orders.slice(3).flatMap(({ events }) => events.map(handled)));
      for (const { address } of orders) expect(await worth(address)).toBe(800n);
    });

    it('and a dispute of the same payment take no more than it had bought', async () => {
      const [first, second, third, fourth] = [anAddress(), anAddress(), anAddress(), anAddress()];
      const [refundFirst, disputeFirst, won, whole] = [
        await buy(first),
        await buy(second),
        await buy(third),
        await buy(fourth),
      ];
      await handled(stripe.refunded(refundFirst, 400));
      expect(await handled(stripe.disputed(refundFirst))).toBe('debited');
      await handled(stripe.disputed(disputeFirst));
      expect(await handled(stripe.refunded(disputeFirst))).toBe('known');
      expect([await worth(first), await worth(second)]).toEqual([0n, 0n]);
      expect(await handled(stripe.disputed(disputeFirst, 'lost'))).toBe('lost');
      expect(await handled(stripe.disputed(refundFirst, 'won'))).toBe('won');
      expect([await worth(first), await worth(second)]).toEqual([600n, 0n]);

      // An inquiry that ends because its payment was refunded took nothing, and gives back what was not refunded.
      await handled(stripe.disputed(won));
      await handled(stripe.refunded(won, 700));
      expect(await handled(stripe.disputed(won, 'warning_closed'))).toBe('won');
      expect(await worth(third)).toBe(300n);
      // All of it refunded: a dispute finds nothing to take until the refund fails.
      await handled(stripe.refund(whole, 'all', 1000));
      expect(await handled(stripe.disputed(whole))).toBe('debited');
      expect([await worth(fourth), await payment.ledger.balance('disputed', `dp_${whole}`)]).toEqual([0n, 0n]);
      await handled(stripe.refund(whole, 'all', 1000, 'failed'));
      expect(await payment.ledger.balance('disputed', `dp_${whole}`)).toBe(1000n * WINC_PER_CENT);
      expect(await handled(stripe.disputed(whole, 'lost'))).toBe('lost');
      expect([await worth(fourth), await payment.ledger.balance('disputed', `dp_${whole}`)]).toEqual([0n, 0n]);
    });
  });

  describe('a gift', () => {
    const give = async (email: string): Promise<{ id: string; session: string }> => {
      const before = mails.mails.length;
      const { paymentSession } = await quote(email, 1000, 'destinationAddressType=email&giftMessage=Enjoy%20it');
      await tell(stripe.paid(paymentSession.id));
      await until(() => mails.mails.length > before, PATIENCE_MS);
      const text = mails.mails.at(-1)!.replace(/=\n/g, '');
      expect(text).toContain(`To: ${email}`);
      expect(text).toContain('Enjoy it');
      expect(text).toContain('https://app.example/redeem');
      return { id: /Code: (\S+)/.exec(text)![1]!, session: paymentSession.id };
    };
    const redeem = (id: string, email: string, address: string) =>
      get(`/redeem?token=arweave&id=${id}&email=${encodeURIComponent(email)}&destinationAddress=${address}`);

    it('is told by e-mail and redeemed once, by whoever has code and e-mail address', async () => {
      const [address, other] = [anAddress(), anAddress()];
      const { id } = await give('alice@example.com');
      for (const [code, email, to] of [
        [id, 'no address', address],
        [id, 'mallory@example.com', address],
        [id, 'alice@example.com', 'nobody'],
        ['another', 'alice@example.com', address],
      ] as const) {
        expect((await redeem(code, email, to)).status).toBe(400);
      }
      const tries = await Promise.all([1, 2, 3].map(() => redeem(id, 'Alice@example.com', address)));
      expect(tries.map(({ status }) => status)).toEqual([200, 200, 200]);
      expect(JSON.parse(tries[0]!.text)).toMatchObject({
        userAddress: address,
        userBalance: String(1000n * WINC_PER_CENT),
        userCreationDate: expect.any(String),
      });
      expect((await redeem(id, 'alice@example.com', other)).status).toBe(400);
      expect([await available(address), await available(other)]).toEqual([1000n * WINC_PER_CENT, 0n]);
    });

    it('has an end, and cannot be redeemed while its payment is disputed', async () => {
      const address = anAddress();
      const [old, disputed] = [await give('bob@example.com'), await give('carol@example.com')];
      await sql('update gifts set expires_at = now() where id = ?', [old.id]);
      expect((await redeem(old.id, 'bob@example.com', address)).status).toBe(400);
      const event = stripe.disputed(disputed.session);
      await tell(event);
      await outcomeOf(event);
      expect((await redeem(disputed.id, 'carol@example.com', address)).status).toBe(400);
      const won = stripe.disputed(disputed.session, 'won');
      await tell(won);
      await outcomeOf(won);
      expect((await redeem(disputed.id, 'carol@example.com', address)).status).toBe(200);
      expect(await available(address)).toBe(1000n * WINC_PER_CENT);
    });

    it('loses what is refunded of its payment, and cannot be redeemed when that is all', async () => {
      const address = anAddress();
      const [part, whole] = [await give('dan@example.com'), await give('erin@example.com')];
      expect(await handled(stripe.refunded(part.session, 300))).toBe('debited');
      expect(await handled(stripe.refund(whole.session, 'all', 1000))).toBe('debited');
      expect((await redeem(part.id, 'dan@example.com', address)).status).toBe(200);
      expect(await available(address)).toBe(700n * WINC_PER_CENT);
      const refused = await redeem(whole.id, 'erin@example.com', address);
      expect([refused.status, refused.text]).toEqual([400, expect.stringContaining('refunded')]);
      // Whoever has redeemed it has its credits.
      expect(await handled(stripe.refunded(part.session))).toBe('debited');
      expect(await available(address)).toBe(0n);
      expect(await handled(stripe.refund(whole.session, 'all', 1000, 'failed'))).toBe('given back');
      expect((await redeem(whole.id, 'erin@example.com', address)).status).toBe(200);
      expect(await available(address)).toBe(1000n * WINC_PER_CENT);
    });

    it('whose payment was refunded before it was told of is sent to nobody', async () => {
      const { paymentSession } = await quote('frank@example.com', 1000, 'destinationAddressType=email');
      expect(await handled(stripe.refunded(paymentSession.id))).toBe('nothing was credited');
      expect(await handled(stripe.paid(paymentSession.id))).toBe('gift: refunded before it was made');
      const { rows } = await sql(`select count(*)::int as n from outbox where body->>'to' = 'frank@example.com'`);
      expect(rows[0]!.n).toBe(0);
    });
  });

  describe('a promo code', () => {
    beforeAll(() =>
      sql(`insert into promo_codes (code, percent, amount, currency, min_amount, starts_at, ends_at, max_uses, new_users_only, once_per_address)
        values ('TWENTY', 20, null, null, null, now(), null, null, false, false),
               ('FIVER', null, 500, 'usd', 2000, now(), null, null, false, false),
               ('OVER', 10, null, null, null, now(), now(), null, false, false),
               ('SOON', 10, null, null, null, now() + interval '1 day', null, null, false, false),
               ('RARE', 10, null, null, null, now(), null, 1, false, false),
               ('NEWCOMER', 10, null, null, null, now(), null, null, true, false),
               ('ONCE', 10, null, null, null, now(), null, null, false, true)`),
    );
    const price = async (query: string, amount = 1000, currency = 'usd') => {
      const { status, text } = await get(`/price/${currency}/${amount}?${query}`);
      return { status, text, ...(status === 200 ? (JSON.parse(text) as Record<string, unknown>) : {}) };
    };

    it('takes its part off what is paid and nothing off what is credited, once for each code', async () => {
      const address = anAddress();
      expect(await price(`promoCode=TWENTY,TWENTY&destinationAddress=${address}`)).toMatchObject({
        winc: String(1000n * WINC_PER_CENT),
        actualPaymentAmount: 800,
        quotedPaymentAmount: 1000,
        adjustments: [
          {
            promoCode: 'TWENTY',
            adjustmentAmount: -200,
            operator: 'multiply',
            operatorMagnitude: 0.8,
            currencyType: 'usd',
          },
        ],
      });
      expect(await price(`promoCode=TWENTY&promoCode=FIVER&destinationAddress=${address}`, 2000)).toMatchObject({
        actualPaymentAmount: 1100,
      });
      const { paymentSession, topUpQuote } = await quote(address, 1000, 'promoCode=TWENTY');
      expect(topUpQuote).toMatchObject({ paymentAmount: 800, quotedPaymentAmount: 1000 });
      expect(stripe.payments.get(paymentSession.id)!.amount).toBe(800);
      await tell(stripe.paid(paymentSession.id));
      await untilBalance(address, 1000n * WINC_PER_CENT);
    });

    it.each([
      ['is not there', 'promoCode=NONE', "No promo code found with code 'NONE'"],
      ['has ended', 'promoCode=OVER', "'OVER' has ended"],
      ['does not count yet', 'promoCode=SOON', "'SOON' does not count yet"],
      ['is for larger payments', 'promoCode=FIVER', "'FIVER' is for payments of 2000 or more"],
      ['is one of two of which another is not there', 'promoCode=TWENTY,NONE', "No promo code found with code 'NONE'"],
    ])('that %s is refused with 400', async (_what, query, text) => {
      const answer = await price(`${query}&destinationAddress=${anAddress()}`);
      expect(answer.status).toBe(400);
      expect(answer.text).toContain(text);
    });

    it('is for an address, which must be said', async () => {
      expect((await price('promoCode=TWENTY')).status).toBe(400);
      expect((await price('promoCode=TWENTY&destinationAddress=placeholder')).status).toBe(400);
      expect((await price(`promoCode=FIVER&destinationAddress=${anAddress()}`, 3000, 'eur')).status).toBe(400);
    });

    it('is used up by offers that may still be paid, also when many ask at once', async () => {
      const asked = Array.from({ length: 6 }, () =>
        get(`/top-up/payment-intent/${anAddress()}/usd/1000?promoCode=RARE`),
      );
      expect((await Promise.all(asked)).filter(({ status }) => status === 200).length).toBe(1);
      await sql(`update card_quotes set expires_at = now() - interval '1 hour' where 'RARE' = any(promo_codes)`);
      expect((await quote(anAddress(), 1000, 'promoCode=RARE')).topUpQuote.paymentAmount).toBe(900);
    });

    it('may be for newcomers, and for one use by an address', async () => {
      const address = anAddress();
      await quote(address, 1000, 'promoCode=ONCE');
      expect((await price(`promoCode=ONCE&destinationAddress=${address}`)).text).toContain('used by this address');
      expect((await price(`promoCode=NEWCOMER&destinationAddress=${address}`)).status).toBe(200);
      await buy(address);
      expect((await price(`promoCode=NEWCOMER&destinationAddress=${address}`)).status).toBe(400);
    });
  });
});
