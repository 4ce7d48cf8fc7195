/** What a BundlerConfig's status says about itself. */
export interface Told {
  readonly name: string;
  readonly observedGeneration: number | undefined;
  /** It is rolled out completely. */
  readonly settled: boolean;
}

interface Edit {
  readonly generation: number;
  readonly at: number;
  seenAfter?: number;
}

/** Notes every generation that was asked for, and whether and when its BundlerConfig said that it was acted upon. */
export class Ledger {
  readonly #pending = new Map<string, Edit[]>();
  readonly #last = new Map<string, Told>();
  /** From an edit to the status that says it was reconciled, milliseconds. */
  readonly seen: number[] = [];
  /** From an edit to the status that says it runs everywhere, milliseconds. */
  readonly settled: number[] = [];
  #edits = 0;

  get edits(): number {
    return this.#edits;
  }

  /** @param at when it was sent, milliseconds */
  edited(name: string, generation: number, at: number, now: number): void {
    this.#edits += 1;
    this.#pending.set(name, [...(this.#pending.get(name) ?? []), { generation, at }]);
    // The operator may have been faster than the answer to whoever edited.
    const told = this.#last.get(name);
    if (told) this.told(told, now);
  }

  told(told: Told, now: number): void {
    const { name, observedGeneration = 0, settled } = told;
    this.#last.set(name, told);
    const left: Edit[] = [];
    for (const edit of this.#pending.get(name) ?? []) {
      const done = edit.generation <= observedGeneration;
      if (done && edit.seenAfter === undefined) this.seen.push((edit.seenAfter = now - edit.at));
      if (done && settled) this.settled.push(now - edit.at);
      else left.push(edit);
    }
    if (left.length > 0) this.#pending.set(name, left);
    else this.#pending.delete(name);
  }

  /** It was deleted: nobody waits for it any more. */
  forget(name: string): void {
    this.#pending.delete(name);
    this.#last.delete(name);
  }

  /** `name@generation` of all that never was acted upon, or never came to run everywhere. */
  get missing(): string[] {
    return [...this.#pending].flatMap(([name, edits]) => edits.map(({ generation }) => `${name}@${generation}`));
  }
}
