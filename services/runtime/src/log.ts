import { type Logger, pino } from 'pino';

export type { Logger } from 'pino';

/** A JSON logger. `name` is the process's role; every line carries it. */
export function createLogger(name: string, level: string): Logger {
  return pino({
    name,
    level,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    // A secret that slips into an object is not printed.
    redact: { paths: ['*.password', '*.secretAccessKey', '*.authorization', 'headers.authorization'], censor: '***' },
  });
}
