import type { Gate } from './gate.ts';
import { type Attempt, lastGood, latest, type Revision } from './revision.ts';
import { includes, LAST_WAVE, nextWave, type Wave, waves } from './waves.ts';

/** What the machine is asked. */
export interface Request {
  /** The revision of the spec as it stands; undefined while the spec cannot be used. */
  readonly wanted: { readonly name: string; readonly spec: unknown } | undefined;
  /** `metadata.generation` of the spec. */
  readonly generation: number;
  /** Value of the retry annotation; empty when there is none. */
  readonly retry: string;
  readonly history: readonly Revision[];
  /** RFC 3339. */
  readonly now: string;
}

/**
 * The revision that is asked for. It has to be written down before anything is done when it is not one of the history's
 * own objects. A spec that cannot be used changes nothing: the revision accepted last goes on.
 */
export function admit(request: Request): Revision | undefined {
  const { wanted, generation, retry, history, now } = request;
  const top = latest(history);
  if (!wanted) return top;
  const known = history.find(({ name }) => name === wanted.name);
  if (known && known === top && stands(known.attempt, generation, retry)) return known;
  const number = known && known === top ? known.number : (top?.number ?? 0) + 1;
  // Back to what ran before the last edit: there is nothing to prove again.
  if (known && known === lastGood(history)) return { ...known, number };
  return { ...wanted, number, attempt: { generation, retry, outcome: 'Rolling', wave: waves[0], since: now } };
}

/** An attempt that failed is over until the spec is edited or a retry is asked for; one on its way just goes on. */
function stands({ outcome, ...attempt }: Attempt, generation: number, retry: string): boolean {
  return outcome !== 'Failed' || (attempt.generation === generation && attempt.retry === retry);
}

/** What to run. */
export interface Course {
  readonly phase: 'Rolling' | 'Good' | 'RolledBack' | 'Held';
  readonly target: Revision;
  /** The revision that a wave runs; undefined when none ever did: its objects are left as they are found. */
  revisionOf(wave: Wave): Revision | undefined;
}

/** What to run, as the target's attempt stands. */
export function courseOf(target: Revision, history: readonly Revision[], onFailure: 'RollBack' | 'Hold'): Course {
  const { outcome, wave: reached } = target.attempt;
  const others = history.filter(({ name }) => name !== target.name);
  if (outcome === 'Good') return { phase: 'Good', target, revisionOf: () => target };
  const good = lastGood(others);
  if (outcome === 'Failed' && onFailure === 'RollBack' && good) {
    return { phase: 'RolledBack', target, revisionOf: () => good };
  }
  return {
    phase: outcome === 'Failed' ? 'Held' : 'Rolling',
    target,
    revisionOf: (wave) => (includes(reached, wave) ? target : before(wave, others)),
  };
}

/** What a wave ran before: the last good revision, or one that was on its way there when the spec changed again. */
function before(wave: Wave, others: readonly Revision[]): Revision | undefined {
  const ran = ({ attempt: { outcome, wave: reached } }: Revision) =>
    outcome === 'Good' || (outcome === 'Rolling' && includes(reached, wave));
  return latest(others.filter(ran));
}

/**
 * Where an attempt stands after a look at the gate of the wave it has reached: the same object when nothing moved. A
 * revision that was good once stays good: what happens to it later is an incident, and going back would not mend it.
 */
export function advance(attempt: Attempt, gate: Gate, now: string): Attempt {
  if (attempt.outcome !== 'Rolling' || gate.state === 'Waiting') return attempt;
  if (gate.state === 'Failed') {
    return { ...attempt, outcome: 'Failed', since: now, reason: gate.reason, message: gate.message };
  }
  const next = nextWave(attempt.wave);
  return next ? { ...attempt, wave: next, since: now } : { ...attempt, outcome: 'Good', wave: LAST_WAVE, since: now };
}
