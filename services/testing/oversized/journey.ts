import { setTimeout as wait } from 'node:timers/promises';
import type { OversizedBundle } from './bundles-of-item.ts';

const LOOK_MS = 50;
/** A 10 GiB item on a slow machine, and the lock of a killed worker. */
const TOO_LONG_MS = 3_600_000;

/** Follows a bundle from its item's receipt on. */
export class Journey {
  readonly #look: () => Promise<OversizedBundle | undefined>;
  readonly #begun = performance.now();
  readonly #reached: Record<string, number> = {};

  constructor(look: () => Promise<OversizedBundle | undefined>) {
    this.#look = look;
  }

  /** Seconds until each state was first seen. */
  get reached(): Readonly<Record<string, number>> {
    return this.#reached;
  }

  /** Looks until the bundle is as far as that. @throws Error when it never comes there */
  async until(isThere: (bundle: OversizedBundle) => boolean): Promise<OversizedBundle> {
    for (;;) {
      const bundle = await this.#look();
      const elapsed = performance.now() - this.#begun;
      if (bundle) this.#reached[bundle.state] ??= elapsed / 1000;
      if (bundle && isThere(bundle)) return bundle;
      if (elapsed > TOO_LONG_MS) throw new Error(`after an hour the bundle is still ${JSON.stringify(bundle)}`);
      await wait(LOOK_MS);
    }
  }
}
