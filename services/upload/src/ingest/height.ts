import type { ArweaveNetwork, ChainTip, Tip } from '@bundler/adapters';
import { heightAt } from '@bundler/contract';
import type { Logger } from '@bundler/runtime';

const REFRESH_MS = 60_000;

/**
 * Knows the chain's height without asking: a receipt never waits for a gateway. The last height seen is kept in
 * PostgreSQL, so that even a start while the gateway is down has one.
 */
export class HeightKeeper {
  readonly #network: Pick<ArweaveNetwork, 'height'>;
  readonly #store: ChainTip;
  readonly #logger: Logger;
  readonly #now: () => number;
  #tip: Tip | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: {
    network: Pick<ArweaveNetwork, 'height'>;
    store: ChainTip;
    logger: Logger;
    now: () => number;
  }) {
    this.#network = options.network;
    this.#store = options.store;
    this.#logger = options.logger;
    this.#now = options.now;
  }

  /** Loads the stored tip, then keeps it fresh in the background. */
  async start(): Promise<void> {
    this.#tip = await this.#store.read();
    const first = this.refresh();
    if (!this.#tip) await first;
    this.#timer = setInterval(() => void this.refresh(), REFRESH_MS);
  }

  /** The height now; undefined while no height was ever seen. */
  current(): number | undefined {
    return this.#tip && heightAt(this.#tip, this.#now());
  }

  async refresh(): Promise<void> {
    try {
      const tip = { height: await this.#network.height(), observedAt: this.#now() };
      this.#tip = tip;
      await this.#store.write(tip);
    } catch (error) {
      this.#logger.warn({ err: error }, 'height not refreshed; the last one is extrapolated');
    }
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
