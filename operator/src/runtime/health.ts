import type { Dependency, Health } from '@bundler/runtime';

/** What tells whether the operator still does its work. */
export interface Vitals {
  readonly controllers: readonly { readonly name: string; readonly longestRunningMs: number }[];
  /** The list or watch that has failed for longest, if one fails. */
  failingWatch(): { readonly resource: string; readonly failingForMs: number } | undefined;
  /** True when everything that is followed is in memory. */
  synced(): boolean;
  draining(): boolean;
}

/** Every request has a deadline, so a reconciliation cannot take this long, except if it hangs. */
const STUCK_MS = 10 * 60_000;
/** An API server that was away this long came back, and we did not notice; or a new process has better luck. */
const DEAF_MS = 5 * 60_000;

/** The probes' view of the operator: it lives while it works and hears, and is ready when it has seen everything. */
export function operatorHealth(vitals: Vitals): Health {
  const caches: Dependency = {
    name: 'caches',
    check: async () => {
      if (!vitals.synced()) throw new Error('not everything has been listed yet');
    },
  };
  return { dependencies: [caches], draining: () => vitals.draining(), ailments: () => ailmentsOf(vitals) };
}

function ailmentsOf(vitals: Vitals): string[] {
  const stuck = vitals.controllers
    .filter(({ longestRunningMs }) => longestRunningMs > STUCK_MS)
    .map(({ name, longestRunningMs }) => `${name} has worked on one thing for ${seconds(longestRunningMs)}`);
  const watch = vitals.failingWatch();
  if (!watch || watch.failingForMs <= DEAF_MS) return stuck;
  return [...stuck, `${watch.resource} could not be listed or watched for ${seconds(watch.failingForMs)}`];
}

const seconds = (ms: number): string => `${Math.round(ms / 1000)} s`;
