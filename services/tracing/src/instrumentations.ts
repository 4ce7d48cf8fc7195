import { AwsInstrumentation } from '@opentelemetry/instrumentation-aws-sdk';
import { IORedisInstrumentation } from '@opentelemetry/instrumentation-ioredis';
import { PgInstrumentation } from '@opentelemetry/instrumentation-pg';
import { UndiciInstrumentation, type UndiciRequest } from '@opentelemetry/instrumentation-undici';
import { pathPattern } from './path-pattern.ts';

/** Packages of which an `import` has to be seen. What they and others `require` is seen without it, and undici tells by itself. */
export const patchedPackages = ['ioredis', 'pg'] as const;

/**
 * What waits for somebody else: PostgreSQL, Redis, the object store, and HTTP to the network and the payment service. Each only
 * inside of a span, or every look of an idle worker would be a trace. The spans of our own work are made where it is done.
 */
export const createInstrumentations = () => [
  new PgInstrumentation({ requireParentSpan: true }),
  // The name of the command and nothing of what it says.
  new IORedisInstrumentation({ requireParentSpan: true, dbStatementSerializer: (command) => command }),
  new AwsInstrumentation({ suppressInternalInstrumentation: true }),
  new UndiciInstrumentation({
    requireParentforSpans: true,
    // What stands behind the question mark may be anybody's.
    startSpanHook: (request) => ({ 'url.full': `${request.origin}${pathOf(request)}`, 'url.query': '' }),
    requestHook: (span, request) => span.updateName(`${request.method} ${pathPattern(pathOf(request))}`),
  }),
];

const pathOf = ({ path }: UndiciRequest): string => path.split('?', 1)[0]!;
