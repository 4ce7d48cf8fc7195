import type { Probe } from '@bundler/operator';
import type { Clock } from './clock.ts';
import { probe } from './probe.ts';
import type { ProcessTemplate } from './template.ts';

/** How soon a process that is not ready is asked again. A roll waits for this. */
const IMPATIENT_MS = 100;

export interface HealthEvents {
  ready(ready: boolean): void;
  /** The process has not answered for longer than its liveness probe allows. */
  dead(): void;
}

/**
 * Asks a process through its probes and tells what changed, until the returned function is called. Liveness counts from
 * the first time it was ready: how long a start may take is not for a probe to say.
 */
export function watchHealth(template: ProcessTemplate, port: number, clock: Clock, events: HealthEvents): () => void {
  let ready = false;
  let started = false;
  const ask = ({ httpGet, timeoutSeconds }: Probe) => probe(port, httpGet.path, timeoutSeconds * 1000);
  const report = (state: boolean) => {
    ready = state;
    started ||= state;
    events.ready(state);
  };
  const readiness = failureCounter(template.readiness);
  const stopReadiness = poll(clock, IMPATIENT_MS, async (stopped) => {
    const ok = await ask(template.readiness);
    const failed = readiness(ok);
    if (!stopped() && ok !== ready && (ok || failed)) report(ok);
    return ready ? template.readiness.periodSeconds * 1000 : IMPATIENT_MS;
  });
  const liveness = failureCounter(template.liveness);
  const livenessPeriod = template.liveness.periodSeconds * 1000;
  const stopLiveness = poll(clock, livenessPeriod, async (stopped) => {
    if (started && liveness(await ask(template.liveness)) && !stopped()) events.dead();
    return livenessPeriod;
  });
  return () => {
    stopReadiness();
    stopLiveness();
  };
}

/** Takes each answer; true once as many in a row were bad as the probe tolerates. */
function failureCounter({ failureThreshold }: Probe): (ok: boolean) => boolean {
  let failures = 0;
  return (ok) => {
    failures = ok ? 0 : failures + 1;
    return failures >= failureThreshold;
  };
}

/** Repeats a step, each time after as many milliseconds as the last one asked for. */
function poll(clock: Clock, firstMs: number, step: (stopped: () => boolean) => Promise<number>): () => void {
  let stopped = false;
  let cancel = clock.after(firstMs, run);
  function run(): void {
    void step(() => stopped).then((delayMs) => {
      if (!stopped) cancel = clock.after(delayMs, run);
    });
  }
  return () => {
    stopped = true;
    cancel();
  };
}
