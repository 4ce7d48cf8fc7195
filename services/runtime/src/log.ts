import { type Logger, pino } from 'pino';
import { currentTraceIds, isTracingLoaded } from './tracing.ts';

export type { Logger } from 'pino';

/** A JSON logger. `name` is the process's role; every line carries it. */
export function createLogger(name: string, level: string): Logger {
  return pino({
    name,
    level,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    ...(isTracingLoaded() && { mixin: traceOfLine }),
    // A secret that slips into an object is not printed.
    redact: { paths: ['*.password', '*.secretAccessKey', '*.authorization', 'headers.authorization'], censor: '***' },
  });
}

/** By these a line is found from its trace, and its trace from a line. */
function traceOfLine(): Record<string, string> {
  const ids = currentTraceIds();
  return ids ? { trace_id: ids.traceId, span_id: ids.spanId } : {};
}
