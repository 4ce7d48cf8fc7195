import type { ArweaveNetwork, ChainTip, Tip } from '@bundler/adapters';
import { heightAt } from '@bundler/contract';
import { type Logger, withTimeout } from '@bundler/runtime';

const REFRESH_MS = 60_000;
/** How soon it is looked again while no height is known, milliseconds. */
const RETRY_MS = 1000;
/** How long a start waits for the gateway. One that hangs may take minutes, and probes end a process that starts so slowly, milliseconds. */
const START_MS = 5000;

/**
 * Knows the chain's height without asking: a receipt never waits for a gateway. The last height seen is kept in
 * PostgreSQL, so that even a start while the gateway is down has one.
 */
export class HeightKeeper {
  readonly #network: Pick<ArweaveNetwork, 'height'>;
  readonly #store: Pick<ChainTip, 'read' | 'write'>;
  readonly #logger: Logger;
  readonly #now: () => number;
  #tip: Tip | undefined;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(options: {
    network: Pick<ArweaveNetwork, 'height'>;
    store: Pick<ChainTip, 'read' | 'write'>;
    logger: Logger;
    now: () => number;
  }) {
    this.#network = options.network;
    this.#store = options.store;
    this.#logger = options.logger;
    this.#now = options.now;
  }

  /**
   * Loads the stored tip, then keeps it fresh in the background. Never fails, and never waits long: a process that starts
   * while PostgreSQL and the gateway are away or hang knows the height when one of them is back.
   */
  async start(): Promise<void> {
    await this.#load();
    const first = this.#keepFresh();
    if (!this.#tip) await withTimeout(first, START_MS, 'the gateway takes too long').catch(() => undefined);
  }

  /** The height now; undefined while no height was ever seen. */
  current(): number | undefined {
    return this.#tip && heightAt(this.#tip, this.#now());
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  async #keepFresh(): Promise<void> {
    await this.#refresh();
    if (!this.#tip) await this.#load();
    if (this.#stopped) return;
    this.#timer = setTimeout(() => void this.#keepFresh(), this.#tip ? REFRESH_MS : RETRY_MS);
  }

  async #load(): Promise<void> {
    try {
      this.#tip = await this.#store.read();
    } catch (error) {
      this.#logger.warn({ err: error }, 'the last height could not be read');
    }
  }

  async #refresh(): Promise<void> {
    try {
      const tip = { height: await this.#network.height(), observedAt: this.#now() };
      this.#tip = tip;
      await this.#store.write(tip);
    } catch (error) {
      this.#logger.warn({ err: error }, 'height not refreshed; the last one is extrapolated');
    }
  }
}
