import type { Config } from '@bundler/contract';
import type { Logger } from './log.ts';
import { setTraceSource } from './trace.ts';

/** W3C Trace Context, as a header and a job carry it: `00-<trace id>-<span id>-<flags>`. */
export type TraceParent = string;

/** What is said of a span. Nothing that a person owns or keeps secret: no keys, tags, tokens or values of statements. */
export type SpanAttributes = Readonly<Record<string, string | number | boolean | undefined>>;

export interface SpanOptions {
  readonly kind?: 'server' | 'producer' | 'consumer';
  readonly attributes?: SpanAttributes;
  /**
   * Whose child it is. Of the current span when nothing is said, and where there is none, nothing is traced; with null it begins
   * a trace of its own.
   */
  readonly parent?: TraceParent | null;
  /** Spans of other traces that it has to do with. */
  readonly links?: readonly TraceParent[];
  /** Begins a trace where there is no current span, and keeps it, whatever chance would say. */
  readonly sampled?: true;
}

/** Something that takes time, until it is ended. */
export interface Span {
  /** Runs something in which this span is the current one. */
  run<T>(work: () => T): T;
  set(attributes: SpanAttributes): void;
  /** @param error the kind of error it failed with, if it did */
  end(error?: string): void;
}

/** The ids of the current span. */
export interface TraceIds {
  readonly traceId: string;
  readonly spanId: string;
  /** Whether it is sent to the collector. */
  readonly sampled: boolean;
}

/**
 * Traces of what a process does. There is none in a process that traces nothing, so whoever is given one asks first.
 * Nothing here throws or waits for the collector.
 */
export interface Tracing {
  start(name: string, options?: SpanOptions): Span;
  /** Runs work in a span of its own, which ends with it. */
  span<T>(name: string, options: SpanOptions, work: () => Promise<T>): Promise<T>;
  /** A span that is over. @param startedAt Unix milliseconds */
  record(name: string, options: SpanOptions, startedAt: number): void;
  /** Runs work outside of any trace, whoever's was current. */
  outside<T>(work: () => T): T;
  /** Runs work whose requests over HTTP tell whom they ask which trace they are of: only services of the platform are to know. */
  telling<T>(work: () => T): T;
  /** Says something of the current span. */
  set(attributes: SpanAttributes): void;
  ids(): TraceIds | undefined;
  /** The current span, for those to follow it who come later or elsewhere; undefined when it is not sampled. */
  traceParent(): TraceParent | undefined;
  /** Sends what is left, within a limit. */
  close(): Promise<void>;
}

export type TracingConfig = Pick<
  Config,
  'tracingEnabled' | 'tracingEndpoint' | 'tracingHeaders' | 'tracingSamplePercent' | 'tracingServiceName'
>;
/** Starts tracing. @param serviceName as the collector is to see this process */
export type OpenTracing = (serviceName: string, config: TracingConfig, logger: Logger) => Tracing;

let preloaded: OpenTracing | undefined;
let current: Tracing | undefined;

/** What traces is not known here: it is loaded before the program, or not at all, and makes itself known so. */
export function provideTracing(open: OpenTracing): void {
  preloaded = open;
}

/** Whether this process was started with what traces. */
export const isTracingLoaded = (): boolean => preloaded !== undefined;

/** Starts tracing where it is on; undefined where it is off. To be called once in a process. */
export function openTracing(
  role: 'upload' | 'workers' | 'payment',
  config: TracingConfig,
  logger: Logger,
): Tracing | undefined {
  if (!config.tracingEnabled) return undefined;
  if (!preloaded) {
    logger.warn('TRACING_ENABLED is true, but nothing is traced: start node with --import @bundler/tracing/preload');
    return undefined;
  }
  const tracing = preloaded(`${config.tracingServiceName}-${role}`, config, logger);
  current = tracing;
  // A measurement points to a trace as its example: only one that is kept can be looked at.
  setTraceSource(() => {
    const ids = tracing.ids();
    return ids?.sampled ? ids.traceId : undefined;
  });
  return tracing;
}

/** The ids that lines of the log carry; undefined outside of any trace. */
export const currentTraceIds = (): TraceIds | undefined => current?.ids();

/** Runs work in a span where there is tracing, and just runs it where there is none. */
export function inSpan<T>(
  tracing: Tracing | undefined,
  name: string,
  options: SpanOptions,
  work: () => Promise<T>,
): Promise<T> {
  return tracing ? tracing.span(name, options, work) : work();
}

/** Spans of others that one links to: more can be read by nobody. */
const MAX_LINKS = 32;

/**
 * Runs what is done for several at once, in the trace of the first of them that is sampled, with links to those of the others. Where
 * none is, it is in no trace: what is current then is whatever happened to start it.
 */
export function inSharedSpan<T>(
  tracing: Tracing | undefined,
  name: string,
  parents: readonly (TraceParent | undefined)[],
  attributes: SpanAttributes,
  work: () => Promise<T>,
): Promise<T> {
  if (!tracing) return work();
  const [parent, ...links] = new Set(parents.filter((trace) => trace !== undefined));
  if (parent === undefined) return tracing.outside(work);
  return tracing.span(name, { parent, links: links.slice(0, MAX_LINKS), attributes }, work);
}
