import { type KubeApi, orUndefined, refOf, resources } from '../kube/index.ts';
import type { KubeObject } from '../kube/objects.ts';
import type { LiveDeployment } from '../rollout/gate.ts';
import type { Clock } from '../runtime/clock.ts';
import { backlogMoved, computeStatus, tellsMore } from '../status/compute.ts';
import type { Report } from '../status/report.ts';
import type { LiveAutoscaler, LiveScaledObject } from '../status/scaling.ts';
import type { BundlerConfigStatus } from '../status/types.ts';
import type { StoredConfig } from './bundler-config.ts';
import type { Cluster } from './cluster.ts';

const FIELD_MANAGER = 'bundler-operator';

/** How often health, which also depends on time, is looked at when nothing happens. */
const LOOK_AGAIN_MS = 60_000;

export interface StatusOptions {
  readonly api: Pick<KubeApi, 'patchStatus'>;
  readonly cluster: Pick<Cluster, 'config' | 'list'>;
  readonly clock: Clock;
  /** What the reconciler last reported of a BundlerConfig. */
  readonly reportOf: (key: string) => Report | undefined;
}

/**
 * Writes status. It has a queue of its own, so that however long a reconciliation takes, or however often it fails, people
 * see what is going on.
 */
export class StatusController {
  readonly #options: StatusOptions;
  /** What was written last, by key, until the cache has it. */
  readonly #written = new Map<string, Written>();

  constructor(options: StatusOptions) {
    this.#options = options;
  }

  /** @returns when to look again, milliseconds; undefined when there is nothing to look at */
  async reconcile(key: string): Promise<number | undefined> {
    const { api, cluster, clock } = this.#options;
    const config = cluster.config(key);
    const report = this.#options.reportOf(key);
    if (!config || !report) {
      if (!config) this.#written.delete(key);
      return undefined;
    }
    const previous = this.#lastOf(key, config);
    const status = computeStatus(report, this.#seen(config), previous);
    if (tellsMore(status, previous) || this.#backlogIsDue(key, status, previous)) {
      const fieldManager = FIELD_MANAGER;
      await orUndefined(api.patchStatus(refOf(config), status, { fieldManager }));
      this.#written.set(key, { status, at: clock.now(), over: config.metadata.resourceVersion });
    }
    return LOOK_AGAIN_MS;
  }

  /** The cache may not have our last write yet; to compute from an older status would write the same again. */
  #lastOf(key: string, { metadata, status }: StoredConfig): BundlerConfigStatus | undefined {
    const written = this.#written.get(key);
    return written && written.over === metadata.resourceVersion ? written.status : status;
  }

  #backlogIsDue(key: string, status: BundlerConfigStatus, previous: BundlerConfigStatus | undefined): boolean {
    const at = this.#written.get(key)?.at ?? Number.NEGATIVE_INFINITY;
    return backlogMoved(status, previous) && this.#options.clock.now() - at >= LOOK_AGAIN_MS;
  }

  #seen({ metadata: { name, namespace = '' } }: StoredConfig) {
    const { cluster, clock } = this.#options;
    const of = { name, namespace };
    return {
      deployments: cluster.list<KubeObject & LiveDeployment>(resources.deployments, of),
      scaledObjects: cluster.list<KubeObject & LiveScaledObject>(resources.scaledObjects, of),
      autoscalers: cluster.list<KubeObject & LiveAutoscaler>(resources.horizontalPodAutoscalers, of),
      now: clock.date().getTime(),
    };
  }
}

interface Written {
  readonly status: BundlerConfigStatus;
  readonly at: number;
  /** The version of the object that the status was written over. */
  readonly over: string;
}
