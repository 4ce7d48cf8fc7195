import { setTimeout as wait } from 'node:timers/promises';
import type { Verdict } from '@bundler/k6/junit';
import { type Assertion, keeps } from './assertion.ts';
import type { PrometheusClient } from './prometheus-client.ts';

/** A run that is over, seconds since 1970. */
export interface Run {
  readonly from: number;
  readonly to: number;
}

interface Judging {
  readonly prometheus: Pick<PrometheusClient, 'number'>;
  readonly run: Run;
  /** What k6 counted by a name; 0 when it counted nothing. */
  readonly client: (name: string) => number;
  /** Seconds since 1970. */
  readonly now: () => number;
}

const LOOK_MS = 1000;

/** Asks Prometheus whether an assertion holds, again and again where that may take a while. */
export async function judge(assertion: Assertion, judging: Judging): Promise<Verdict> {
  const { says, withinSeconds = 0 } = assertion;
  const deadline = judging.run.to + withinSeconds;
  for (;;) {
    const at = withinSeconds > 0 ? Math.max(judging.now(), judging.run.to) : judging.run.to;
    const { passed, detail } = await look(assertion, judging, at);
    if (passed || judging.now() >= deadline) {
      const took = withinSeconds > 0 ? `, ${Math.round(at - judging.run.to)} s after the load` : '';
      return { name: says, passed, detail: detail + took };
    }
    await wait(LOOK_MS);
  }
}

async function look(assertion: Assertion, judging: Judging, at: number): Promise<Omit<Verdict, 'name'>> {
  const value = await valueOf(assertion, judging, at);
  if (value === undefined || Number.isNaN(value)) return { passed: false, detail: `no series for ${assertion.query}` };
  const { kept, words } = keeps(value, assertion.must, judging.client);
  return { passed: kept, detail: `${round(value)}, must be ${words}` };
}

async function valueOf({ of, query, absent }: Assertion, judging: Judging, at: number): Promise<number | undefined> {
  const { prometheus, run, client } = judging;
  if (of === 'client') return client(query);
  const text = inRun(query, run);
  const after = (await prometheus.number(text, at)) ?? absent;
  if (of === 'end' || after === undefined) return after;
  return after - ((await prometheus.number(text, run.from)) ?? 0);
}

/** A query about a run: its length for `$run`. */
export function inRun(query: string, { from, to }: Run): string {
  return query.replaceAll('$run', `${Math.max(1, Math.ceil(to - from))}s`);
}

const round = (value: number): number => Math.round(value * 1000) / 1000;
