import { hashOf } from '../render/hash.ts';
import { type Wave, waves } from './waves.ts';

export const outcomes = ['Rolling', 'Good', 'Failed'] as const;
export type Outcome = (typeof outcomes)[number];

/** How far a revision has come, and how it went. Times are RFC 3339. */
export interface Attempt {
  /** `metadata.generation` of the BundlerConfig that this attempt was made for. */
  readonly generation: number;
  /** Value of the retry annotation at that time; another value asks for another attempt. */
  readonly retry: string;
  readonly outcome: Outcome;
  /** The furthest wave that runs this revision. */
  readonly wave: Wave;
  /** When the wave was reached, or the outcome was known. */
  readonly since: string;
  readonly reason?: string;
  readonly message?: string;
}

/** One accepted spec, and what became of it. */
export interface Revision {
  readonly name: string;
  /** Rises with every attempt: the highest is the one that was asked for last. */
  readonly number: number;
  /** The spec with every default spelled out. */
  readonly spec: unknown;
  readonly attempt: Attempt;
}

/** Revisions that are kept, beside those in use. */
export const KEPT_REVISIONS = 10;

/**
 * The name of a spec's revision: the same spec of the same BundlerConfig has the same name. One that is deleted and made
 * anew has names of its own, so that it never meets what the garbage collector has yet to take away.
 */
export function revisionName(owner: { readonly name: string; readonly uid: string }, spec: unknown): string {
  return `${owner.name}-${hashOf([owner.uid, canonical(spec)]).slice(0, 10)}`;
}

/** The same JSON with its keys in order, so that how a spec was typed does not matter. */
export function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([, entry]) => entry !== undefined);
  return Object.fromEntries(
    entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, entry]) => [key, canonical(entry)]),
  );
}

/** What the platform goes back to: of the revisions that proved good the one that was asked for last. */
export function lastGood(history: readonly Revision[]): Revision | undefined {
  return latest(history.filter(({ attempt }) => attempt.outcome === 'Good'));
}

/** The revision that was asked for last. */
export function latest(history: readonly Revision[]): Revision | undefined {
  return history.reduce<Revision | undefined>((top, one) => (top && top.number > one.number ? top : one), undefined);
}

/** The oldest revisions beyond `keep`, without the last good one and the latest. */
export function surplus(history: readonly Revision[], keep = KEPT_REVISIONS): Revision[] {
  const used = new Set([lastGood(history)?.name, latest(history)?.name]);
  const newestFirst = [...history].sort((a, b) => b.number - a.number);
  return newestFirst.slice(keep).filter(({ name }) => !used.has(name));
}

/** Reads an attempt as it was written down; undefined when it is not one of ours. */
export function parseAttempt(text: string | undefined): Attempt | undefined {
  try {
    const attempt = JSON.parse(text ?? '') as Attempt;
    const known = outcomes.includes(attempt.outcome) && waves.includes(attempt.wave);
    return known && Number.isInteger(attempt.generation) ? attempt : undefined;
  } catch {
    return undefined;
  }
}
