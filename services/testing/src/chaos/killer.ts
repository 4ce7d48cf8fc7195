import { setTimeout as wait } from 'node:timers/promises';
import { pick, type Random, shuffled } from './seeded-random.ts';

interface Killable {
  readonly alive: boolean;
  crash(): Promise<void>;
}

interface Options {
  /** What may be killed, by kind. Each round kills every kind once, in an order of its own. */
  readonly victims: Readonly<Record<string, readonly Killable[]>>;
  readonly random: Random;
  /** Mean time between two kills, milliseconds. */
  readonly everyMs: number;
}

/** Kills one process at a time, of a seeded choice, at about the pace given; each comes back by itself. */
export class Killer {
  readonly #options: Options;
  readonly #kills: string[] = [];
  readonly #returning: Promise<void>[] = [];
  #round: string[] = [];
  readonly #stopping = new AbortController();
  #running: Promise<void> = Promise.resolve();

  constructor(options: Options) {
    this.#options = options;
  }

  /** The kinds that were killed, in order. */
  get kills(): readonly string[] {
    return this.#kills;
  }

  start(): void {
    this.#running = this.#run();
  }

  /** Kills no more, and resolves when all that were killed are back. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
    await Promise.all(this.#returning);
  }

  async #run(): Promise<void> {
    const { random, everyMs } = this.#options;
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      await wait(everyMs * pause(random), undefined, { signal }).catch(() => undefined);
      if (!signal.aborted) this.#kill();
    }
  }

  #kill(): void {
    const { random, victims } = this.#options;
    if (this.#round.length === 0) this.#round = shuffled(random, Object.keys(victims));
    const alive = (kind: string): Killable[] => victims[kind]!.filter((victim) => victim.alive);
    const index = this.#round.findIndex((kind) => alive(kind).length > 0);
    // All that this round has left are down already.
    if (index < 0) return;
    const [kind] = this.#round.splice(index, 1) as [string];
    this.#kills.push(kind);
    this.#returning.push(pick(random, alive(kind)).crash());
  }
}

/**
 * One kill in three comes on the heels of the one before, when what that one left half done is not yet repaired. The
 * mean is 1.
 */
function pause(random: Random): number {
  const onTheHeels = random() < 1 / 3;
  return (onTheHeels ? 0.05 : 1) + (onTheHeels ? 0.25 : 0.8) * random();
}

/** How often each occurs, most often first. */
export function tally(names: readonly string[]): Record<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return Object.fromEntries([...counts].sort(([, a], [, b]) => b - a));
}
