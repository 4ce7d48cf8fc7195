import { setTimeout as wait } from 'node:timers/promises';
import { type KubeObject, orUndefined, type ResourceType, resources } from '@bundler/operator/kube';
import type { Stage } from '../operator/kit/stage.ts';
import { until } from '../src/until.ts';
import type { Ledger } from './figures/ledger.ts';

/** From one action to the next, milliseconds: twenty a minute, where a real cluster has a few a day. */
const PAUSE_MS = 3000;
/** How long what others changed may stay so, milliseconds. */
const REPAIR_MS = 60_000;
/** BundlerConfigs that come and go, at most at once. */
const MAX_GUESTS = 3;

const LABEL = 'app.kubernetes.io/component';

/** Somebody who never leaves a cluster alone. */
export class Churn {
  readonly #stage: Stage;
  readonly #ledger: Ledger;
  readonly #names: readonly string[];
  readonly #specs = new Map<string, Record<string, unknown>>();
  readonly #guests: string[] = [];
  #round = 0;
  readonly actions: Record<string, number> = {};
  readonly repaired: number[] = [];
  readonly notRepaired: string[] = [];

  constructor(stage: Stage, ledger: Ledger, names: readonly string[]) {
    this.#stage = stage;
    this.#ledger = ledger;
    this.#names = names;
  }

  /** Does one thing after another until `ends` has come (as `performance.now()` tells the time). */
  async run(ends: number, signal: AbortSignal): Promise<void> {
    const steps = [
      ['live edit', () => this.#liveEdit()],
      ['rolling edit', () => this.#rollingEdit()],
      ['Deployment deleted', () => this.#deleted(resources.deployments, 'plan')],
      ['edit of a Service', () => this.#serviceEdit()],
      ['label changed by hand', () => this.#drift(resources.services, 'upload')],
      ['BundlerConfig created', () => this.#create()],
      ['live edit', () => this.#liveEdit()],
      ['scaled by hand', () => this.#scaled('redrive')],
      ['ConfigMap deleted', () => this.#deleted(resources.configMaps, 'live')],
      ['two edits in a row', () => this.#twoEdits()],
      ['BundlerConfig deleted', () => this.#remove()],
    ] as const;
    while (performance.now() < ends) {
      const [name, act] = steps[this.#round % steps.length]!;
      this.#round += 1;
      await act();
      this.actions[name] = (this.actions[name] ?? 0) + 1;
      await wait(PAUSE_MS, undefined, { signal });
    }
  }

  /** Takes away every BundlerConfig that only came to go. */
  async end(): Promise<void> {
    while (this.#guests.length > 0) await this.#remove();
  }

  /** Whose turn it is; 7 has no divisor in common with the number of steps, so that each meets each. */
  get #victim(): string {
    return this.#names[(this.#round * 7) % this.#names.length]!;
  }

  async #edit(name: string, change: Record<string, unknown>): Promise<void> {
    const spec = { ...this.#specs.get(name), ...change };
    this.#specs.set(name, spec);
    const at = performance.now();
    const { metadata } = await this.#stage.configure(name, spec);
    this.#ledger.edited(name, metadata.generation ?? 0, at, performance.now());
  }

  #liveEdit(): Promise<void> {
    return this.#edit(this.#victim, { workers: { plan: { concurrency: 1 + (this.#round % 4) } } });
  }

  #rollingEdit(): Promise<void> {
    return this.#edit(this.#victim, { image: { repository: 'bundler', tag: `1.0.${this.#round}` } });
  }

  #serviceEdit(): Promise<void> {
    return this.#edit(this.#victim, { upload: { service: { annotations: { round: String(this.#round) } } } });
  }

  /** The second comes while the first is on its way. */
  async #twoEdits(): Promise<void> {
    await this.#rollingEdit();
    await this.#edit(this.#victim, { observability: { logLevel: this.#round % 2 === 0 ? 'debug' : 'info' } });
  }

  async #create(): Promise<void> {
    const name = `guest-${this.#round}`;
    this.#guests.push(name);
    await this.#edit(name, {});
    if (this.#guests.length > MAX_GUESTS) await this.#remove();
  }

  async #remove(): Promise<void> {
    const name = this.#guests.shift();
    if (name === undefined) return;
    this.#ledger.forget(name);
    this.#specs.delete(name);
    await orUndefined(this.#stage.api.delete(this.#stage.ref(resources.bundlerConfigs, name)));
  }

  async #deleted(type: ResourceType, part: string): Promise<void> {
    const name = `${this.#victim}-${part}`;
    const live = await this.#stage.get(type, name);
    await orUndefined(this.#stage.api.delete(this.#stage.ref(type, name)));
    await this.#repairs(type, name, ({ metadata }) => metadata.uid !== live?.metadata.uid);
  }

  async #drift(type: ResourceType, part: string): Promise<void> {
    const patch = { metadata: { labels: { [LABEL]: 'mine' } } };
    await this.#byHand(type, part, patch, ({ metadata }) => metadata.labels?.[LABEL] !== 'mine');
  }

  async #scaled(part: string): Promise<void> {
    const isOne = (live: KubeObject): boolean => (live as Scaled).spec.replicas === 1;
    await this.#byHand(resources.deployments, part, { spec: { replicas: 3 } }, isOne);
  }

  async #byHand(type: ResourceType, part: string, patch: object, isRight: (live: Live) => boolean): Promise<void> {
    const name = `${this.#victim}-${part}`;
    await this.#stage.api.patch(this.#stage.ref(type, name), patch, { fieldManager: 'kubectl-edit' });
    await this.#repairs(type, name, isRight);
  }

  async #repairs(type: ResourceType, name: string, isRight: (live: Live) => boolean): Promise<void> {
    const since = performance.now();
    const repaired = async (): Promise<boolean> => {
      const live = await this.#stage.get(type, name);
      return live !== undefined && isRight(live);
    };
    try {
      await until(repaired, REPAIR_MS);
      this.repaired.push(performance.now() - since);
    } catch {
      this.notRepaired.push(`${type.kind}/${name}`);
    }
  }
}

type Live = NonNullable<Awaited<ReturnType<Stage['get']>>>;

interface Scaled extends KubeObject {
  readonly spec: { readonly replicas: number };
}
