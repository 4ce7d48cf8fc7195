import { readSpec } from '@bundler/contract';
import { release } from '../apply/ownership.ts';
import { SCALER_PATIENCE_MS } from '../apply/prune.ts';
import { Conflict, type KubeApi, orUndefined, refOf } from '../kube/index.ts';
import type { Stored } from '../kube/objects.ts';
import type { Clock } from '../runtime/clock.ts';
import type { StoredConfig } from './bundler-config.ts';
import type { Cluster } from './cluster.ts';

/** Holds a BundlerConfig until what has to go before its Deployments is gone, or what is to stay is let go. */
export const FINALIZER = 'bundler.permaweb.dev/cleanup';

const LOOK_AGAIN_MS = 2000;

export interface FinalizerOptions {
  readonly api: Pick<KubeApi, 'patch' | 'delete'>;
  readonly cluster: Pick<Cluster, 'owned'>;
  readonly clock: Clock;
}

/**
 * What is left to do when a BundlerConfig is deleted. The garbage collector of Kubernetes takes everything that it owns;
 * but KEDA's objects must go before the Deployments that they scale, and an orphan must be let go first.
 */
export class Finalizer {
  readonly #options: FinalizerOptions;

  constructor(options: FinalizerOptions) {
    this.#options = options;
  }

  /**
   * Only where there is something to do in the end: a BundlerConfig without it can be deleted when no operator runs.
   * @returns false when the BundlerConfig has changed since it was seen: it has to be looked at again first
   */
  async ensure(config: StoredConfig, needed: boolean): Promise<boolean> {
    const { finalizers = [] } = config.metadata;
    if (needed === finalizers.includes(FINALIZER)) return true;
    return this.#write(config, needed ? [...finalizers, FINALIZER] : finalizers.filter((name) => name !== FINALIZER));
  }

  /** @returns when to look again, milliseconds; undefined when nothing is left to do */
  async finalize(config: StoredConfig): Promise<number | undefined> {
    if (!config.metadata.finalizers?.includes(FINALIZER)) return undefined;
    const owned = this.#options.cluster.owned(config);
    const orphan = readSpec(config.spec).config.deletionPolicy === 'Orphan';
    if (orphan) await this.#letGo(config, owned);
    else if (await this.#removeScalers(config, owned)) return LOOK_AGAIN_MS;
    return (await this.ensure(config, false)) ? undefined : LOOK_AGAIN_MS;
  }

  async #letGo(config: StoredConfig, owned: readonly Stored[]): Promise<void> {
    const { uid } = config.metadata;
    for (const live of owned) await orUndefined(this.#options.api.patch(refOf(live), release(live, { uid })));
  }

  /** @returns whether some are still there, and worth waiting for */
  async #removeScalers({ metadata }: StoredConfig, owned: readonly Stored[]): Promise<boolean> {
    const scalers = owned.filter(({ kind }) => kind === 'ScaledObject');
    for (const scaler of scalers.filter((object) => object.metadata.deletionTimestamp === undefined)) {
      await orUndefined(this.#options.api.delete(refOf(scaler), { uid: scaler.metadata.uid }));
    }
    const waited = this.#options.clock.date().getTime() - Date.parse(metadata.deletionTimestamp ?? '');
    return scalers.length > 0 && waited < SCALER_PATIENCE_MS;
  }

  async #write(config: StoredConfig, finalizers: readonly string[]): Promise<boolean> {
    const { resourceVersion } = config.metadata;
    try {
      await orUndefined(this.#options.api.patch(refOf(config), { metadata: { resourceVersion, finalizers } }));
      return true;
    } catch (error) {
      if (error instanceof Conflict) return false;
      throw error;
    }
  }
}
