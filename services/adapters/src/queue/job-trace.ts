import type { TraceParent } from '@bundler/runtime';
import type { JobsOptions } from 'bullmq';

/** What follows a span's jobs, as an option of a job: where BullMQ has it, in the form that its own tracing reads and writes. */
export function traceOption(traceParent: TraceParent | undefined): Pick<JobsOptions, 'telemetry'> {
  return traceParent === undefined ? {} : { telemetry: { metadata: JSON.stringify({ traceparent: traceParent }) } };
}

/** Whose work a job goes on with; undefined when nobody said, or what was said cannot be read. */
export function traceOfJob({ telemetry }: Pick<JobsOptions, 'telemetry'>): TraceParent | undefined {
  try {
    const { traceparent } = JSON.parse(telemetry?.metadata ?? '{}') as { traceparent?: unknown };
    return typeof traceparent === 'string' ? traceparent : undefined;
  } catch {
    return undefined;
  }
}
