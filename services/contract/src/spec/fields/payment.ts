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
    doc: 'Secret with PAYMENT_DB_URL and PRIVATE_ROUTE_SECRET. Required in a cluster when payment.enabled.',
    applies: 'restart',
  }),
  paymentRotatingSecret: field({
    path: 'payment.secretRef.hasSecretBefore',
    kind: boolean(),
    default: false,
    doc: 'Whether the Secret has a PRIVATE_ROUTE_SECRET_BEFORE too: set it while the secret is replaced, so that the old one counts until every pod signs with the new one.',
    applies: 'restart',
  }),
  paymentDatabasePort: field({
    path: 'payment.database.port',
    kind: integer({ min: 1, max: 65_535 }),
    default: 5432,
    doc: 'Port in its connection URL, for the NetworkPolicies. Its connections are not part of database.maxConnections: give it a server, or room, of its own.',
  }),
  ...resourceFields('payment', 'payment', { cpuRequest: 100, memoryRequest: 192 * Mi, memoryLimit: 512 * Mi }),
};
