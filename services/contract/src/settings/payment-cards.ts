import { setting } from './define.ts';
import { duration, text } from './kinds.ts';

const roles = ['payment'] as const;
const minute = 60_000;

/** Cards through Stripe, and gifts. */
export const paymentCards = {
  stripeSecretKey: setting({
    env: 'STRIPE_SECRET_KEY',
    path: null,
    kind: text(),
    default: '',
    doc: 'Secret key of the Stripe account. Empty means that no cards are taken.',
    roles,
    secret: true,
  }),
  stripeWebhookSecret: setting({
    env: 'STRIPE_WEBHOOK_SECRET',
    path: null,
    kind: text(),
    default: '',
    doc: 'Secret with which Stripe signs what it tells: that of the webhook endpoint at /v1/stripe-webhook. Required with STRIPE_SECRET_KEY.',
    roles,
    secret: true,
  }),
  stripeUrl: setting({
    env: 'STRIPE_API_URL',
    path: null,
    kind: text({ form: { pattern: '^https?://[^/]+$', must: 'a URL without a path' } }),
    default: 'https://api.stripe.com',
    doc: "Where Stripe's API is. Another one is for tests.",
    roles,
  }),
  cardSuccessUrl: setting({
    env: 'TOP_UP_SUCCESS_URL',
    path: 'payment.cards.successUrl',
    kind: text(),
    default: '',
    doc: 'Page to which somebody comes who has paid by card, unless the client says another one. Without either, hosted payment pages are refused.',
    roles,
  }),
  cardCancelUrl: setting({
    env: 'TOP_UP_CANCEL_URL',
    path: 'payment.cards.cancelUrl',
    kind: text(),
    default: '',
    doc: 'Page to which somebody comes who has not paid, unless the client says another one.',
    roles,
  }),
  cardQuoteTtl: setting({
    env: 'TOP_UP_QUOTE_TTL_MS',
    path: 'payment.cards.quoteTTL',
    kind: duration('ms', { min: 1000, max: 23 * 60 * minute }),
    default: 30 * minute,
    doc: 'For how long the price of a payment by card holds. What is paid more than ten minutes later goes back.',
    roles,
  }),
  smtpUrl: setting({
    env: 'SMTP_URL',
    path: null,
    kind: text(),
    default: '',
    doc: 'Server that sends the e-mails of gifts, as smtps://user:password@host:465. Empty means that no gifts are sold.',
    roles,
    secret: true,
  }),
  giftSender: setting({
    env: 'GIFT_EMAIL_FROM',
    path: 'payment.gifts.from',
    kind: text(),
    default: '',
    doc: 'Sender of these e-mails. Required with SMTP_URL.',
    roles,
  }),
  giftPage: setting({
    env: 'GIFT_REDEEM_URL',
    path: 'payment.gifts.redeemUrl',
    kind: text(),
    default: '',
    doc: 'Page where gifts are redeemed, which e-mails lead to with the code and the address. Empty means that they only tell the code.',
    roles,
  }),
};
