import { setting } from './define.ts';
import { boolean, integer, text } from './kinds.ts';

const roles = ['upload', 'workers', 'payment'] as const;

/** Traces: nothing of them is loaded while they are off. */
export const tracing = {
  tracingEnabled: setting({
    env: 'TRACING_ENABLED',
    path: 'observability.tracing.enabled',
    kind: boolean(),
    default: false,
    doc: 'Sends OpenTelemetry traces of uploads and of what follows them. Processes must then be started with `node --import @bundler/tracing/preload`, as the platform does.',
    roles,
  }),
  tracingEndpoint: setting({
    env: 'TRACING_ENDPOINT',
    path: 'observability.tracing.endpoint',
    kind: text({ form: { pattern: '^https?://[^\\s]+$', must: 'a URL of http or https', isValid: URL.canParse } }),
    default: 'http://localhost:4318',
    doc: 'Collector that takes OTLP over HTTP (protobuf), without `/v1/traces`.',
    roles,
  }),
  tracingSamplePercent: setting({
    env: 'TRACING_SAMPLE_PERCENT',
    path: 'observability.tracing.samplePercent',
    kind: integer({ min: 0, max: 100 }),
    default: 5,
    doc: 'Share of the requests of clients that is traced. What follows a request is traced when it is.',
    roles,
  }),
  tracingServiceName: setting({
    env: 'TRACING_SERVICE_NAME',
    path: 'observability.tracing.serviceName',
    kind: text({ form: { pattern: '^[a-z][a-z0-9-]{0,62}$', must: 'lower-case letters, digits and dashes' } }),
    default: 'bundler',
    doc: 'What the `service.name` of traces begins with; `-upload`, `-workers` or `-payment` follows.',
    roles,
  }),
  tracingHeaders: setting({
    env: 'TRACING_HEADERS',
    path: null,
    kind: text(),
    default: '',
    doc: 'Headers that the collector asks for, such as `authorization=Bearer x,tenant=y`.',
    roles,
    secret: true,
  }),
};
