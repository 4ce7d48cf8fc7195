/** Tells which trace the running code works for; undefined when none is recorded. */
export type TraceSource = () => string | undefined;

let source: TraceSource = () => undefined;

/** Says who knows the current trace. Whoever turns tracing on calls this once, before anything is traced. */
export function setTraceSource(traces: TraceSource): void {
  source = traces;
}

/** Id of the trace that the running code works for, 32 hexadecimal digits; undefined while nothing is recorded. */
export function currentTraceId(): string | undefined {
  return source();
}
