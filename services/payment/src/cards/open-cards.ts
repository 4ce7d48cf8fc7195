import type { Knex } from '@bundler/adapters';
import type { Config } from '@bundler/contract';
import type { Logger, Schedule } from '@bundler/runtime';
import type { Mailer } from '../mail/mailer.ts';
import type { Prices } from '../pricing/prices.ts';
import type { CardRoutes } from '../routes/cards.ts';
import { CardEvents } from '../store/card-events.ts';
import { CardQuotes } from '../store/card-quotes.ts';
import { Gifts } from '../store/gifts.ts';
import { Outbox } from '../store/outbox.ts';
import { CardWork } from './card-work.ts';
import type { CardProvider } from './provider.ts';

type CardConfig = Pick<
  Config,
  | 'stripeSecretKey'
  | 'stripeWebhookSecret'
  | 'stripeUrl'
  | 'cardSuccessUrl'
  | 'cardCancelUrl'
  | 'cardQuoteTtl'
  | 'smtpUrl'
  | 'giftSender'
  | 'giftPage'
>;

export interface OpenedCards {
  readonly routes: CardRoutes['cards'] & { readonly quotes: CardQuotes };
  readonly work: CardWork;
  readonly schedule: Schedule;
}

/** Messages are handled when they come; a look finds what a killed process has left, and what is to be tried again. */
const INTERVAL_MS = 5000;

/** Cards, gifts and what is done behind them. @throws Error when a part of what they need is missing */
export async function openCards(config: CardConfig, db: Knex, prices: Prices, logger: Logger): Promise<OpenedCards> {
  const [provider, mailer] = [await openProvider(config), await openMailer(config)];
  const events = new CardEvents(db);
  const work = new CardWork({ db, events, outbox: new Outbox(db), provider, mailer, logger });
  const routes = {
    provider,
    takesGifts: mailer !== undefined,
    quotes: new CardQuotes(db),
    events,
    gifts: new Gifts(db),
    prices,
    quoteLifetimeMs: () => config.cardQuoteTtl,
    successUrl: () => config.cardSuccessUrl,
    cancelUrl: () => config.cardCancelUrl,
    onKept: () => work.wake(),
  };
  return { routes, work, schedule: { name: 'cards', intervalMs: () => INTERVAL_MS, tick: () => work.run() } };
}

async function openProvider(config: CardConfig): Promise<CardProvider | undefined> {
  const { stripeSecretKey: secretKey, stripeUrl: url, stripeWebhookSecret: webhookSecret } = config;
  if (secretKey === '' && webhookSecret === '') return undefined;
  if (secretKey === '' || webhookSecret === '')
    throw new Error('STRIPE_SECRET_KEY and STRIPE_WEBHOOK_SECRET go together: set both, or none to take no cards');
  // Loaded only where it is used: it is large.
  const { StripeCards } = await import('./stripe.ts');
  return new StripeCards({ secretKey, webhookSecret, url });
}

async function openMailer({ giftPage, giftSender, smtpUrl }: CardConfig): Promise<Mailer | undefined> {
  if (smtpUrl === '') return undefined;
  if (giftSender === '') throw new Error('GIFT_EMAIL_FROM is empty: SMTP_URL needs a sender, set payment.gifts.from');
  const { SmtpMailer } = await import('../mail/smtp-mailer.ts');
  return new SmtpMailer({ url: smtpUrl, from: giftSender, page: giftPage });
}
