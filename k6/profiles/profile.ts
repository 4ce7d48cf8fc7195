/** How long and how hard: `short` fits into a gate on a small machine, `full` is what the scale plan says. */
export type Size = 'short' | 'full';

export interface Load {
  readonly size: Size;
  /** Rates are this share of what the scale plan says, above 0 and at most 1; 1 on the machine it was written for. */
  readonly scale: number;
}

/** The executors that are used here, in k6's own words. Durations are texts such as `20s`. */
export type Shape =
  | {
      readonly executor: 'shared-iterations';
      readonly vus: number;
      readonly iterations: number;
      readonly maxDuration: string;
    }
  | {
      readonly executor: 'per-vu-iterations';
      readonly vus: number;
      readonly iterations: number;
      readonly maxDuration: string;
    }
  | {
      readonly executor: 'constant-arrival-rate';
      readonly rate: number;
      readonly timeUnit: string;
      readonly duration: string;
      readonly preAllocatedVUs: number;
      readonly maxVUs: number;
    }
  | {
      readonly executor: 'ramping-arrival-rate';
      readonly startRate: number;
      readonly timeUnit: string;
      readonly stages: { readonly target: number; readonly duration: string }[];
      readonly preAllocatedVUs: number;
      readonly maxVUs: number;
    };

/** One load of a suite: what it looks like, and how many items of the corpus it may take. */
export interface Scenario {
  readonly shape: Shape;
  readonly startSeconds: number;
  readonly items: number;
}

/** Everything of a suite that is a number. */
export interface Profile {
  readonly corpus: { readonly mix: string; readonly payloadBytes?: number };
  readonly scenarios: Readonly<Record<string, Scenario>>;
}

const MINUTES = '10m';
/** A second's rate as one of ten seconds: whole numbers, where a share of a small rate is none. */
const PER = 10;
/** An open load needs a VU for each request under way; a platform that is late has this many seconds of them. */
const PATIENCE_SECONDS = 5;

const scenario = (shape: Shape, items: number, startSeconds = 0): Scenario => ({ shape, items, startSeconds });

/** So many iterations, by as many VUs as there are at once; each takes one item unless `items` says otherwise. */
export const shared = (vus: number, iterations: number, at = 0, items = iterations): Scenario =>
  scenario({ executor: 'shared-iterations', vus, iterations, maxDuration: MINUTES }, items, at);

/** Every VU its own iterations, all at once. */
export const crowd = (vus: number, iterations: number, at = 0): Scenario =>
  scenario({ executor: 'per-vu-iterations', vus, iterations, maxDuration: MINUTES }, vus * iterations, at);

/** So many a second, whether the platform keeps up or not. */
export const steady = (rate: number, seconds: number, at = 0): Scenario =>
  scenario(
    {
      executor: 'constant-arrival-rate',
      rate: Math.max(1, Math.round(rate * PER)),
      timeUnit: `${PER}s`,
      duration: `${seconds}s`,
      ...vus(rate),
    },
    Math.ceil(Math.max(1, rate) * seconds * 1.05) + PER,
    at,
  );

/** From one rate to another, stage by stage. */
export const ramp = (from: number, stages: readonly { readonly to: number; readonly seconds: number }[]): Scenario => {
  const whole = (rate: number): number => Math.max(1, Math.round(rate * PER));
  const starts = [from, ...stages.map(({ to }) => to)];
  const items = stages.reduce((sum, { to, seconds }, index) => sum + ((starts[index]! + to) / 2) * seconds, 0);
  return scenario(
    {
      executor: 'ramping-arrival-rate',
      startRate: whole(from),
      timeUnit: `${PER}s`,
      stages: stages.map(({ to, seconds }) => ({ target: whole(to), duration: `${seconds}s` })),
      ...vus(Math.max(...starts)),
    },
    Math.ceil(items * 1.05) + PER * stages.length,
  );
};

/** A VU of k6 costs some MiB. */
const MOST_VUS = 1000;

function vus(rate: number): { preAllocatedVUs: number; maxVUs: number } {
  const most = Math.min(MOST_VUS, Math.max(20, Math.ceil(rate * PATIENCE_SECONDS)));
  return { preAllocatedVUs: Math.min(most, Math.max(20, Math.ceil(rate))), maxVUs: most };
}

/** How many items a profile needs. */
export function itemsOf({ scenarios }: Profile): number {
  return Object.values(scenarios).reduce((sum, { items }) => sum + items, 0);
}

/** Where in the corpus the items of each scenario begin. */
export function firstItems({ scenarios }: Profile): Record<string, number> {
  let next = 0;
  const firsts: Record<string, number> = {};
  for (const [name, { items }] of Object.entries(scenarios)) {
    firsts[name] = next;
    next += items;
  }
  return firsts;
}
