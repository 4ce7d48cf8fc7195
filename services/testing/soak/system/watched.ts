import { type KubeObject, Reflector, resources, type Stored } from '@bundler/operator/kube';
import { systemClock as clock, createOperatorMetrics } from '@bundler/operator/runtime';
import { createLogger } from '@bundler/runtime';
import { ignoreRaces, type LiveDeployment, type LiveJob } from '../../operator/kit/nodes.ts';
import type { BundlerConfig, Stage } from '../../operator/kit/stage.ts';
import type { Ledger } from '../figures/ledger.ts';

/** How much is said of Deployments and Jobs at once. */
const SPEAKERS = 4;

/** Watches a stage: plays its nodes, and notes in the ledger what the BundlerConfigs say. */
export class Watched {
  readonly #stage: Stage;
  readonly #reflectors: readonly Reflector[];
  readonly #waiting: (() => Promise<void>)[] = [];
  #speaking = 0;
  readonly #onProblem: (error: unknown) => void;
  readonly configs: Reflector<BundlerConfig>;

  constructor(stage: Stage, ledger: Ledger, onProblem: (error: unknown) => void) {
    this.#stage = stage;
    this.#onProblem = onProblem;
    const deployments = this.#reflector<LiveDeployment>(resources.deployments);
    const jobs = this.#reflector<LiveJob>(resources.jobs);
    this.configs = this.#reflector<BundlerConfig>(resources.bundlerConfigs);
    deployments.onChange(({ type, object }) => type !== 'Deleted' && this.#say(() => stage.nodes.bringUp(object)));
    jobs.onChange(({ type, object }) => type !== 'Deleted' && this.#say(() => stage.nodes.complete(object)));
    this.configs.onChange(({ type, object }) => {
      if (type === 'Deleted') ledger.forget(object.metadata.name);
      else ledger.told(toldBy(object), performance.now());
    });
    this.#reflectors = [deployments, jobs, this.configs] as unknown as Reflector[];
  }

  async start(): Promise<void> {
    for (const reflector of this.#reflectors) reflector.start();
    await Promise.all(this.#reflectors.map(({ synced }) => synced));
  }

  async stop(): Promise<void> {
    await Promise.all(this.#reflectors.map((reflector) => reflector.stop()));
  }

  /** How many BundlerConfigs there are, and how many are rolled out as they are now. */
  get standing(): { readonly all: number; readonly settled: number } {
    const all = this.configs.store.list();
    return { all: all.length, settled: all.filter((config) => toldBy(config).settled).length };
  }

  #reflector<T extends KubeObject>(type: (typeof resources)[keyof typeof resources]): Reflector<T> {
    const { api, namespace } = this.#stage;
    return new Reflector<T>({
      api,
      type,
      selection: { namespace },
      clock,
      random: Math.random,
      logger: createLogger('soak', 'silent'),
      metrics: createOperatorMetrics(),
    });
  }

  #say(what: () => Promise<void>): void {
    this.#waiting.push(what);
    if (this.#speaking < SPEAKERS) void this.#speak();
  }

  async #speak(): Promise<void> {
    this.#speaking += 1;
    for (let next = this.#waiting.shift(); next; next = this.#waiting.shift()) {
      await next()
        .catch(ignoreRaces)
        .catch((error: unknown) => this.#onProblem(error));
    }
    this.#speaking -= 1;
  }
}

/** Rolled out: ready, nothing on its way, and both said of the spec as it is now. */
function toldBy({ metadata, status }: Stored<BundlerConfig>) {
  const conditions = status?.conditions ?? [];
  const holds = (type: string, is: string): boolean =>
    conditions.some(
      (condition) =>
        condition.type === type && condition.status === is && condition.observedGeneration === metadata.generation,
    );
  const { name } = metadata;
  return {
    name,
    observedGeneration: status?.observedGeneration,
    settled: holds('Ready', 'True') && holds('Reconciling', 'False'),
  };
}
