import { boolean, integer } from '../../settings/kinds.ts';
import { field } from './define.ts';
import { objectName } from './kinds.ts';
import { resourceFields } from './resources.ts';

const Mi = 1024 ** 2;

/** Whether there is a payment service, and how it runs in a cluster. */
export const paymentService = {
  paymentEnabled: field({
    path: 'payment.enabled',
    kind: boolean(),
    default: false,
    doc: 'Runs the payment service, and lets uploads that are not free be paid for. Without it they are refused.',
    applies: 'restart',
  }),
  paymentReplicas: field({
    path: 'payment.replicas',
    kind: integer({ min: 1, max: 20 }),
    default: 2,
    doc: 'Processes of the payment service.',
  }),
  paymentSecretName: field({
    path: 'payment.secretRef.name',
    kind: objectName(),
    default: '',
    doc: 'Secret with PAYMENT_DB_URL and PRIVATE_ROUTE_SECRET, and the URL of a node for each of payment.networks. Required in a cluster when payment.enabled.',
    applies: 'restart',
  }),
  paymentRotatingSecret: field({
    path: 'payment.secretRef.hasSecretBefore',
    kind: boolean(),
    default: false,
    doc: 'Whether the Secret has a PRIVATE_ROUTE_SECRET_BEFORE too: set it while the secret is replaced, so that the old one counts until every pod signs with the new one.',
    applies: 'restart',
  }),
  paymentHasStripe: field({
    path: 'payment.secretRef.hasStripeKeys',
    kind: boolean(),
    default: false,
    doc: 'Whether the Secret has STRIPE_SECRET_KEY and STRIPE_WEBHOOK_SECRET: cards are taken then.',
    applies: 'restart',
  }),
  paymentHasSmtp: field({
    path: 'payment.secretRef.hasSmtpUrl',
    kind: boolean(),
    default: false,
    doc: 'Whether the Secret has an SMTP_URL: gifts are sold then. Name the sender in payment.gifts.from.',
    applies: 'restart',
  }),
  paymentDatabasePort: field({
    path: 'payment.database.port',
    kind: integer({ min: 1, max: 65_535 }),
    default: 5432,
    doc: 'Port in its connection URL, for the NetworkPolicies.',
  }),
  paymentDatabaseMaxConnections: field({
    path: 'payment.database.maxConnections',
    kind: integer({ min: 0, max: 100_000 }),
    default: 0,
    doc: 'Connections that its server has for it, which are no part of database.maxConnections. A spec whose pods of the payment service could hold more is refused; with 0 nobody says how many there are, and none is.',
  }),
  ...resourceFields('payment', 'payment', { cpuRequest: 100, memoryRequest: 192 * Mi, memoryLimit: 512 * Mi }),
};
