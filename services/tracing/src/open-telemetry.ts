import { hostname } from 'node:os';
import { type Logger, type OpenTracing, type TracingConfig, withTimeout } from '@bundler/runtime';
import { context, type DiagLogger, DiagLogLevel, diag, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { BatchSpanProcessor } from '@opentelemetry/sdk-trace';
import { parseHeaders } from './headers.ts';
import { OwnPropagator } from './own-propagator.ts';
import { ShareSampler } from './sampler.ts';
import { SpanTracing } from './span-tracing.ts';

/** Spans that wait for the collector at most; what comes while it takes none is dropped. */
const MAX_WAITING = 2048;
/** How long the collector may take to answer, milliseconds. */
const EXPORT_TIMEOUT_MS = 5000;
/** How long a process that stops waits for the last spans to be taken, milliseconds. */
const FLUSH_MS = 3000;
/** Troubles with the collector are logged no more often, milliseconds. */
const COMPLAINT_MS = 60_000;

/** Sends spans to a collector, in batches, beside the work that they tell of. */
export const openTelemetry: OpenTracing = (serviceName, config, logger) => {
  // Before the SDK, which else writes to the console.
  diag.setLogger(complaintsTo(logger), { logLevel: DiagLogLevel.WARN });
  const sdk = new NodeSDK({
    autoDetectResources: false,
    resource: resourceFromAttributes({ 'service.name': serviceName, 'service.instance.id': hostname() }),
    sampler: new ShareSampler(config.tracingSamplePercent / 100),
    spanProcessors: [
      new BatchSpanProcessor({
        exporter: exporter(config),
        maxQueueSize: MAX_WAITING,
        exportTimeoutMillis: EXPORT_TIMEOUT_MS,
        scheduledDelayMillis: 1000,
      }),
    ],
    // Metrics are scraped and logs are collected: one truth of each.
    metricReaders: [],
    logRecordProcessors: [],
    textMapPropagator: new OwnPropagator(),
  });
  sdk.start();
  logger.info({ endpoint: config.tracingEndpoint, samplePercent: config.tracingSamplePercent }, 'tracing');
  return new SpanTracing(trace.getTracer('@bundler/tracing'), async () => {
    try {
      await withTimeout(sdk.shutdown(), FLUSH_MS, `the collector took longer than ${FLUSH_MS} ms`);
    } catch (error) {
      logger.warn({ err: error }, 'the last spans were not taken by the collector');
    }
  });
};

function exporter({ tracingEndpoint, tracingHeaders }: TracingConfig): OTLPTraceExporter {
  return new OTLPTraceExporter({
    url: `${tracingEndpoint.replace(/\/+$/, '')}/v1/traces`,
    headers: parseHeaders(tracingHeaders),
    timeoutMillis: EXPORT_TIMEOUT_MS,
  });
}

/** A collector that is away would fill the log: a line a minute says enough. */
function complaintsTo(logger: Logger): DiagLogger {
  let silentUntil = 0;
  const warn = (message: string): void => {
    if (performance.now() < silentUntil) return;
    silentUntil = performance.now() + COMPLAINT_MS;
    // Whatever runs right now has nothing to do with it.
    context.with(ROOT_CONTEXT, () =>
      logger.warn({ detail: message.slice(0, 500) }, 'tracing has trouble; nothing else is slowed by it'),
    );
  };
  const ignore = (): void => undefined;
  return { error: warn, warn, info: ignore, debug: ignore, verbose: ignore };
}
