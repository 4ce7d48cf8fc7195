import {
  type Attributes,
  type Context,
  createContextKey,
  INVALID_SPAN_CONTEXT,
  isSpanContextValid,
  type Link,
  type SpanKind,
  trace,
} from '@opentelemetry/api';
import {
  ParentBasedSampler,
  type Sampler,
  SamplingDecision,
  type SamplingResult,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace';

const BEGINS = createContextKey('bundler: what becomes of a trace that begins here');

/** A context in which a trace may begin. @param kept whatever chance would say */
export const beginning = (context: Context, kept = false): Context =>
  context.setValue(BEGINS, kept ? 'kept' : 'chance');

/**
 * Keeps a share of the traces that begin here, and all or nothing of each trace. What an item that is traced goes through later
 * begins a trace of its own, which is kept for its sake. No other trace begins: a query outside of any span is no story.
 */
export class ShareSampler implements Sampler {
  readonly #byParent: Sampler;

  /** @param share from 0 to 1 */
  constructor(share: number) {
    this.#byParent = new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(share) });
  }

  shouldSample(
    context: Context,
    traceId: string,
    name: string,
    kind: SpanKind,
    attributes: Attributes,
    links: Link[],
  ): SamplingResult {
    if (!isSpanContextValid(trace.getSpanContext(context) ?? INVALID_SPAN_CONTEXT)) {
      const begins = context.getValue(BEGINS);
      if (begins === 'kept') return { decision: SamplingDecision.RECORD_AND_SAMPLED };
      if (begins === undefined) return { decision: SamplingDecision.NOT_RECORD };
    }
    return this.#byParent.shouldSample(context, traceId, name, kind, attributes, links);
  }

  toString(): string {
    return `ShareSampler{${this.#byParent}}`;
  }
}
