import { setTimeout as sleep } from 'node:timers/promises';
import type { Config } from '@bundler/contract';
import type { Logger, Metrics } from '@bundler/runtime';
import { OpticalBridge } from './bridge.ts';
import { Pace } from './pace.ts';

type OpticalConfig = Pick<
  Config,
  'opticalBridgeUrls' | 'opticalBridgeKeys' | 'opticalRateMax' | 'opticalTimeout' | 'opticalResetTimeout'
>;

/** Failures are counted over this time, milliseconds, and this percentage of them is too many. */
const WINDOW_MS = 10_000;
const ERROR_THRESHOLD = 50;

/** The bridges of the settings, each opened when it is first posted to, and kept. */
export class OpticalBridges {
  readonly #config: OpticalConfig;
  readonly #publicKey: string;
  readonly #logger: Logger;
  readonly #metrics: Metrics;
  readonly #open = new Map<string, OpticalBridge>();

  constructor(config: OpticalConfig, publicKey: string, logger: Logger, metrics: Metrics) {
    this.#config = config;
    this.#publicKey = publicKey;
    this.#logger = logger;
    this.#metrics = metrics;
  }

  /** The bridge at a URL; undefined when the settings have it no more. */
  at(url: string): OpticalBridge | undefined {
    const index = this.#config.opticalBridgeUrls.indexOf(url);
    if (index < 0) return undefined;
    const known = this.#open.get(url);
    if (known) return known;
    const bridge = this.#bridge(url, this.#config.opticalBridgeKeys.split(',')[index]?.trim() ?? '');
    this.#open.set(url, bridge);
    return bridge;
  }

  close(): void {
    for (const bridge of this.#open.values()) bridge.close();
  }

  #bridge(url: string, key: string): OpticalBridge {
    const config = this.#config;
    return new OpticalBridge({
      url,
      key,
      publicKey: this.#publicKey,
      pace: new Pace(
        () => 1000 / config.opticalRateMax,
        () => performance.now(),
        sleep,
      ),
      timeoutMs: config.opticalTimeout,
      errorThreshold: ERROR_THRESHOLD,
      resetTimeoutMs: config.opticalResetTimeout,
      rollingWindowMs: WINDOW_MS,
      // Posts to a bridge come one after another, and seldom when nothing else is uploaded.
      minCalls: 1,
      logger: this.#logger,
      metrics: this.#metrics,
      now: () => performance.now(),
    });
  }
}
