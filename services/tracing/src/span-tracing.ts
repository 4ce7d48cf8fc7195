import type { SpanAttributes, SpanOptions, Span as TracedSpan, TraceIds, TraceParent, Tracing } from '@bundler/runtime';
import {
  type Attributes,
  type Context,
  context,
  isSpanContextValid,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import { parseTraceParent } from '@opentelemetry/core';
import { telling } from './own-propagator.ts';
import { beginning } from './sampler.ts';

const kinds = { server: SpanKind.SERVER, producer: SpanKind.PRODUCER, consumer: SpanKind.CONSUMER } as const;

/** What the services say of their work, said to OpenTelemetry. */
export class SpanTracing implements Tracing {
  readonly #tracer: Tracer;
  readonly close: () => Promise<void>;

  constructor(tracer: Tracer, close: () => Promise<void>) {
    this.#tracer = tracer;
    this.close = close;
  }

  start(name: string, options: SpanOptions = {}): TracedSpan {
    const parent = parentOf(options);
    const span = this.#open(name, options, parent);
    const within = trace.setSpan(parent, span);
    return {
      run: (work) => context.with(within, work),
      set: (attributes) => void span.setAttributes(attributes as Attributes),
      end: (error) => {
        if (error !== undefined) fail(span, error);
        span.end();
      },
    };
  }

  async span<T>(name: string, options: SpanOptions, work: () => Promise<T>): Promise<T> {
    const span = this.start(name, options);
    try {
      const result = await span.run(work);
      span.end();
      return result;
    } catch (error) {
      span.end(kindOf(error));
      throw error;
    }
  }

  record(name: string, options: SpanOptions, startedAt: number): void {
    this.#open(name, options, parentOf(options), startedAt).end();
  }

  outside<T>(work: () => T): T {
    return context.with(ROOT_CONTEXT, work);
  }

  telling<T>(work: () => T): T {
    return context.with(telling(context.active()), work);
  }

  set(attributes: SpanAttributes): void {
    trace.getActiveSpan()?.setAttributes(attributes as Attributes);
  }

  ids(): TraceIds | undefined {
    const current = trace.getActiveSpan()?.spanContext();
    if (!current || !isSpanContextValid(current)) return undefined;
    return { traceId: current.traceId, spanId: current.spanId, sampled: isSampled(current) };
  }

  traceParent(): TraceParent | undefined {
    const current = trace.getActiveSpan()?.spanContext();
    if (!current || !isSampled(current)) return undefined;
    return `00-${current.traceId}-${current.spanId}-01`;
  }

  #open(name: string, { attributes, kind, links = [] }: SpanOptions, parent: Context, startTime?: number): Span {
    const options = {
      ...(kind && { kind: kinds[kind] }),
      ...(startTime !== undefined && { startTime }),
      attributes: attributes as Attributes,
      links: links.flatMap((link) => {
        const remote = remoteSpan(link);
        return remote ? [{ context: remote }] : [];
      }),
    };
    return this.#tracer.startSpan(name, options, parent);
  }
}

/** Where a span hangs. What cannot be read is no parent: whoever wrote it is not ours to refuse. */
function parentOf({ parent, sampled }: SpanOptions): Context {
  const active = context.active();
  if (parent === undefined) return sampled ? beginning(active, sampled) : active;
  const remote = parent === null ? undefined : remoteSpan(parent);
  const bare = trace.deleteSpan(active);
  return beginning(remote ? trace.setSpanContext(bare, remote) : bare, sampled);
}

function remoteSpan(text: TraceParent): SpanContext | undefined {
  const parsed = parseTraceParent(text);
  return parsed && isSpanContextValid(parsed) ? { ...parsed, isRemote: true } : undefined;
}

const isSampled = ({ traceFlags }: SpanContext): boolean => (traceFlags & 1) === 1;

function fail(span: Span, error: string): void {
  span.setAttribute('error.type', error);
  span.setStatus({ code: SpanStatusCode.ERROR });
}

/** The kind of an error and not its message, in which anything may stand. */
function kindOf(error: unknown): string {
  const { code, name } = error as { code?: unknown; name?: unknown };
  return typeof code === 'string' ? code : typeof name === 'string' ? name : 'Error';
}
