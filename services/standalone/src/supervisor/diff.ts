/**
 * Where one process stands. `unready` has been ready before and may be again; `waiting` has crashed and will be started
 * again; `stopping` has been told to end.
 */
export type Phase = 'starting' | 'ready' | 'unready' | 'waiting' | 'stopping';

export interface Running {
  readonly id: number;
  readonly deployment: string;
  readonly hash: string;
  readonly phase: Phase;
}

export interface Goal {
  readonly deployment: string;
  readonly hash: string;
  readonly replicas: number;
}

export type Action =
  | { readonly kind: 'start'; readonly deployment: string; readonly hash: string }
  | { readonly kind: 'stop'; readonly id: number };

/** The steps from what runs to what should. Called again after every change, it ends with none. */
export function diff(goals: readonly Goal[], running: readonly Running[]): Action[] {
  const live = running.filter(({ phase }) => phase !== 'stopping');
  const wanted = new Set(goals.map(({ deployment }) => deployment));
  const orphans = live.filter(({ deployment }) => !wanted.has(deployment));
  return [
    ...orphans.map(stop),
    ...goals.flatMap((goal) =>
      towards(
        goal,
        live.filter(({ deployment }) => deployment === goal.deployment),
      ),
    ),
  ];
}

/** New processes come first; old ones that serve go when all new ones are ready, so that clients see no gap. */
function towards(goal: Goal, live: readonly Running[]): Action[] {
  const current = live.filter(({ hash }) => hash === goal.hash);
  const old = live.filter(({ hash }) => hash !== goal.hash);
  const missing = Math.max(0, goal.replicas - current.length);
  const arrived = current.filter(({ phase }) => phase === 'ready').length >= goal.replicas;
  return [
    ...Array.from(
      { length: missing },
      () => ({ kind: 'start', deployment: goal.deployment, hash: goal.hash }) as const,
    ),
    ...surplus(current, goal.replicas).map(stop),
    ...old.filter((process) => arrived || !hasServed(process)).map(stop),
  ];
}

/** What is too many: those that serve nobody first, then the youngest. */
function surplus(current: readonly Running[], replicas: number): Running[] {
  const byWorth = [...current].sort((a, b) => Number(hasServed(b)) - Number(hasServed(a)) || a.id - b.id);
  return byWorth.slice(replicas);
}

const hasServed = ({ phase }: Running): boolean => phase === 'ready' || phase === 'unready';
const stop = ({ id }: Running): Action => ({ kind: 'stop', id });
