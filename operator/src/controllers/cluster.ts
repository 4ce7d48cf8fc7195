import type { Logger } from '@bundler/runtime';
import { isOwnedBy } from '../apply/ownership.ts';
import type { KubeApi } from '../kube/index.ts';
import type { KubeObject, Stored } from '../kube/objects.ts';
import { type ChangeHandler, Reflector } from '../kube/reflector.ts';
import { type ObjectRef, type ResourceType, resources } from '../kube/resources.ts';
import type { Clock } from '../runtime/clock.ts';
import type { OperatorMetrics } from '../runtime/metrics.ts';
import type { StoredConfig } from './bundler-config.ts';
import { builtIn, keda, lookedAt, OURS, optional } from './watched.ts';

export interface ClusterOptions {
  readonly api: Pick<KubeApi, 'list' | 'watch' | 'serves'>;
  /** Where BundlerConfigs are looked after; empty for everywhere. */
  readonly namespaces: readonly string[];
  /** How often it is looked whether somebody installed or removed an optional API, milliseconds. */
  readonly pollInterval: number;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
  readonly metrics: OperatorMetrics;
}

/** The part of the cluster that concerns the operator, in memory: its BundlerConfigs and what it made for them. */
export class Cluster {
  readonly #options: ClusterOptions;
  readonly #reflectors = new Map<ResourceType, readonly Reflector[]>();
  readonly #handlers: ChangeHandler[] = [];
  readonly #installHandlers: (() => void)[] = [];
  /** Optional APIs that were followed and that discovery did not name when it was last asked. */
  readonly #missing = new Set<ResourceType>();
  #cancelLook: () => void = () => undefined;
  #stopped = false;
  #looking: Promise<void> | undefined;

  constructor(options: ClusterOptions) {
    this.#options = options;
  }

  /** Told of every change of every object. */
  onChange(handler: ChangeHandler): void {
    this.#handlers.push(handler);
  }

  /** Told when an optional API came or went. */
  onInstall(handler: () => void): void {
    this.#installHandlers.push(handler);
  }

  /** Starts to follow everything; resolves when all of it is in memory. */
  async start(): Promise<void> {
    this.#follow(resources.bundlerConfigs);
    for (const type of [...builtIn, ...lookedAt]) this.#follow(type);
    await this.#look();
    await Promise.all(this.#all().map((reflector) => reflector.synced));
    this.#lookAgain();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancelLook();
    await this.#looking;
    await Promise.all(this.#all().map((reflector) => reflector.stop()));
  }

  config(key: string): StoredConfig | undefined {
    const found = this.#of(resources.bundlerConfigs).find(({ store }) => store.byKey(key));
    return found?.store.byKey(key) as StoredConfig | undefined;
  }

  configs(): StoredConfig[] {
    return this.configKeys().flatMap((key) => this.config(key) ?? []);
  }

  configKeys(): string[] {
    return this.#of(resources.bundlerConfigs).flatMap(({ store }) => store.keys());
  }

  get({ type, namespace, name }: ObjectRef): Stored | undefined {
    for (const { store } of this.#of(type)) {
      const object = store.get(namespace, name);
      if (object) return object;
    }
    return undefined;
  }

  /** The objects of a type that carry the labels of a BundlerConfig. */
  list<T extends KubeObject>(
    type: ResourceType,
    { namespace, name }: { namespace: string; name: string },
  ): Stored<T>[] {
    const all = this.#of(type).flatMap(({ store }) => store.list());
    const ofConfig = all.filter(
      ({ metadata }) => metadata.namespace === namespace && metadata.labels?.['app.kubernetes.io/instance'] === name,
    );
    return ofConfig as Stored<T>[];
  }

  /** Everything that a BundlerConfig owns and that the operator could have made. */
  owned(config: Pick<StoredConfig, 'metadata'>): Stored[] {
    const { name, namespace = '', uid } = config.metadata;
    return [...builtIn, ...optional].flatMap((type) =>
      this.list(type, { name, namespace }).filter((object) => isOwnedBy(object, { uid })),
    );
  }

  /** Whether an optional API is served, and what there is of it is in memory. */
  installed(type: ResourceType): boolean {
    const reflectors = this.#reflectors.get(type);
    return reflectors?.every(({ hasSynced }) => hasSynced) ?? false;
  }

  /** Whether KEDA scales, so that its objects mean something. */
  get kedaInstalled(): boolean {
    return keda.every((type) => this.installed(type));
  }

  /** For how long one of the watches has failed, milliseconds, and which; for the liveness probe. */
  get worst(): { readonly resource: string; readonly failingForMs: number } | undefined {
    const failing = this.#all().filter(({ failingForMs }) => failingForMs > 0);
    const [worst] = failing.toSorted((a, b) => b.failingForMs - a.failingForMs);
    return worst && { resource: worst.type.plural, failingForMs: worst.failingForMs };
  }

  #all(): Reflector[] {
    return [...this.#reflectors.values()].flat();
  }

  #of(type: ResourceType): readonly Reflector[] {
    return this.#reflectors.get(type) ?? [];
  }

  #follow(type: ResourceType): readonly Reflector[] {
    const { namespaces, ...rest } = this.#options;
    const labelSelector = type === resources.bundlerConfigs ? undefined : OURS;
    const places = namespaces.length === 0 ? [undefined] : namespaces;
    const reflectors = places.map(
      (namespace) => new Reflector({ ...rest, type, selection: { namespace, labelSelector } }),
    );
    for (const reflector of reflectors) {
      for (const handler of this.#handlers) reflector.onChange(handler);
      reflector.start();
    }
    this.#reflectors.set(type, reflectors);
    return reflectors;
  }

  #lookAgain(): void {
    if (this.#stopped) return;
    this.#cancelLook = this.#options.clock.schedule(this.#options.pollInterval, () => {
      this.#looking = this.#look()
        .catch((error: unknown) => this.#options.logger.warn({ err: error }, 'looking for optional APIs failed'))
        .then(() => this.#lookAgain());
    });
  }

  /** Discovery is open to every service account; watching CRDs would need a right on the whole cluster. */
  async #look(): Promise<void> {
    const served = await Promise.all(optional.map((type) => this.#options.api.serves(type)));
    await Promise.all(optional.map((type, index) => this.#note(type, served[index] ?? false)));
  }

  async #note(type: ResourceType, served: boolean): Promise<void> {
    const known = this.#reflectors.get(type);
    if (served) this.#missing.delete(type);
    if (served === (known !== undefined) || this.#stopped) return;
    // An API server that has just started may not know all of its CRDs yet, and workers whose scaler is gone are scaled
    // down to a fixed number: what was there has to be missing twice.
    if (known && !this.#missing.has(type)) {
      this.#missing.add(type);
      return;
    }
    this.#missing.delete(type);
    this.#options.logger.info({ resource: type.plural, group: type.group, served }, 'an optional API came or went');
    if (served) {
      // Not waited for: where somebody forgot to allow the list, it never comes.
      void Promise.all(this.#follow(type).map((reflector) => reflector.synced)).then(() => this.#tellInstalled());
      return;
    }
    this.#reflectors.delete(type);
    await Promise.all((known ?? []).map((reflector) => reflector.stop()));
    this.#tellInstalled();
  }

  #tellInstalled(): void {
    for (const handler of this.#installHandlers) handler();
  }
}
