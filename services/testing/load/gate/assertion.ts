import type { Size } from '@bundler/k6/profiles';

/** What must hold on the server's side of a run, as data. */
export interface Assertion {
  /** As a sentence. */
  readonly says: string;
  /**
   * PromQL that gives one number at most; `$run` is the length of the run, such as `45s`. Of a run of k6 itself, the name of one
   * of its metrics.
   */
  readonly query: string;
  /** `end`: its value after the run; `growth`: that, less its value before the run; `client`: what k6 counted. */
  readonly of: 'end' | 'growth' | 'client';
  readonly must: Bound;
  /** What counts when there is no series; when it is not given, none is a failure. */
  readonly absent?: number;
  /** How long it may take after the run until it holds, seconds. */
  readonly withinSeconds?: number;
  /** Only in runs of this size. */
  readonly only?: Size;
}

/** A bound on a number; `client` is what k6 counted by this name. */
export type Bound =
  | { readonly equals: number | { readonly client: string } }
  | { readonly atMost: number }
  | { readonly atLeast: number };

/** Whether a number keeps a bound, and the bound in words. Counters are whole, but a scrape may be a hair off. */
export function keeps(value: number, bound: Bound, client: (name: string) => number): { kept: boolean; words: string } {
  if ('atMost' in bound) return { kept: value <= bound.atMost, words: `at most ${bound.atMost}` };
  if ('atLeast' in bound) return { kept: value >= bound.atLeast, words: `at least ${bound.atLeast}` };
  const wanted = typeof bound.equals === 'number' ? bound.equals : client(bound.equals.client);
  const name = typeof bound.equals === 'number' ? '' : ` (${bound.equals.client})`;
  return { kept: Math.abs(value - wanted) < 1e-6, words: `exactly ${wanted}${name}` };
}
