import { type Context, createContextKey, type TextMapPropagator, type TextMapSetter } from '@opentelemetry/api';
import { W3CTraceContextPropagator } from '@opentelemetry/core';

const TOLD = createContextKey('bundler: whoever is asked is told of the trace');

/** A context in which requests tell of their trace. */
export const telling = (context: Context): Context => context.setValue(TOLD, true);

/**
 * Puts `traceparent` into requests to services of the platform, and into no other: the network, bridges and nodes of chains are
 * other people's. What comes in is read where it is known who says it.
 */
export class OwnPropagator implements TextMapPropagator {
  readonly #traceContext = new W3CTraceContextPropagator();

  inject(context: Context, carrier: unknown, setter: TextMapSetter): void {
    if (context.getValue(TOLD)) this.#traceContext.inject(context, carrier, setter);
  }

  extract(context: Context): Context {
    return context;
  }

  fields(): string[] {
    return this.#traceContext.fields();
  }
}
