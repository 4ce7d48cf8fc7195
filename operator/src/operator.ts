import type { Logger } from '@bundler/runtime';
import { Applier } from './apply/applier.ts';
import type { Announcement } from './controllers/announcements.ts';
import { announcements } from './controllers/announcements.ts';
import { Applying } from './controllers/applying.ts';
import type { StoredConfig } from './controllers/bundler-config.ts';
import { Cluster } from './controllers/cluster.ts';
import { exposeConfigs } from './controllers/exposed-configs.ts';
import { Finalizer } from './controllers/finalizer.ts';
import { wakeOf } from './controllers/keys.ts';
import { Reconciler } from './controllers/reconciler.ts';
import { RevisionRenderer } from './controllers/renderer.ts';
import { RevisionLog } from './controllers/revision-log.ts';
import { SecretOutlines } from './controllers/secret-outlines.ts';
import { StatusController } from './controllers/status-controller.ts';
import { fenced, type KubeApi } from './kube/index.ts';
import type { Facts } from './render/index.ts';
import type { Clock } from './runtime/clock.ts';
import { Controller, type Later } from './runtime/controller.ts';
import type { OperatorMetrics } from './runtime/metrics.ts';
import type { Report } from './status/report.ts';

export type { BundlerConfigStatus } from './status/types.ts';

export interface OperatorOptions {
  readonly api: KubeApi;
  /** Throws when this process is not the leader. */
  readonly fence: () => void;
  /** Where BundlerConfigs are looked after; empty for everywhere. */
  readonly namespaces: readonly string[];
  /** The image for specs that name none; empty for none. */
  readonly image: string;
  /** How soon is noticed what no watch tells of, milliseconds. */
  readonly pollInterval: number;
  readonly platform: Facts['platform'];
  readonly record: (config: StoredConfig, announcement: Announcement) => void;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
  readonly metrics: OperatorMetrics;
}

/** BundlerConfigs that are worked on at once: each spends its time waiting for the API server. */
const CONCURRENCY = 4;

/** All parts of the operator, put together. */
export class Operator {
  readonly cluster: Cluster;
  readonly controllers: readonly Controller[];
  readonly #reconciliations: Controller;
  readonly #statuses: Controller;
  #acting = false;

  constructor(options: OperatorOptions) {
    const { logger, metrics, clock } = options;
    const api = fenced(options.api, options.fence);
    const cluster = new Cluster(options);
    const reconciler = this.#reconciler(options, api, cluster);
    const status = new StatusController({ api, cluster, clock, reportOf: (key) => reconciler.reportOf(key) });
    const common = { concurrency: CONCURRENCY, clock, logger, metrics };
    this.cluster = cluster;
    this.#reconciliations = new Controller({
      ...common,
      name: 'reconcile',
      reconcile: async (key) => later(await reconciler.reconcile(key)),
    });
    this.#statuses = new Controller({
      ...common,
      name: 'status',
      reconcile: async (key) => later(await status.reconcile(key)),
    });
    this.controllers = [this.#reconciliations, this.#statuses];
    cluster.onChange((change) => {
      const wake = wakeOf(change);
      if (!wake) return;
      if (wake.reconcile) this.#reconciliations.queue.add(wake.key);
      this.#statuses.queue.add(wake.key);
    });
    // What another replica acts upon, it alone may speak of.
    exposeConfigs(() => (this.#acting ? cluster.configs() : []), metrics);
    cluster.onInstall(() => {
      for (const key of cluster.configKeys()) this.#reconciliations.queue.add(key);
    });
  }

  /** Fills the caches and keeps them so; nothing is written yet. */
  watch(): Promise<void> {
    return this.cluster.start();
  }

  /** Begins to act. Every BundlerConfig has been queued by the watch. */
  act(): void {
    this.#acting = true;
    for (const controller of this.controllers) controller.start();
  }

  /** Finishes what is being worked on, and ends. */
  async stop(): Promise<void> {
    await Promise.all(this.controllers.map((controller) => controller.stop()));
    await this.cluster.stop();
  }

  #reconciler(options: OperatorOptions, api: KubeApi, cluster: Cluster): Reconciler {
    const { clock, platform, record, pollInterval } = options;
    const announce = (key: string, announcement: Announcement): void => {
      const config = cluster.config(key);
      if (config) record(config, announcement);
    };
    const onReport = (key: string, report: Report): void => {
      for (const announcement of announcements(reconciler.reportOf(key), report)) announce(key, announcement);
      this.#statuses.queue.add(key);
    };
    const secrets = new SecretOutlines(api, clock, pollInterval);
    const reconciler = new Reconciler({
      ...options,
      cluster,
      log: new RevisionLog(api),
      renderer: new RevisionRenderer({ cluster, secrets, platform }),
      applying: new Applying({ ...options, api, cluster, applier: new Applier(api, clock), announce }),
      finalizer: new Finalizer({ api, cluster, clock }),
      onReport,
    });
    return reconciler;
  }
}

const later = (ms: number | undefined): Later | undefined => (ms === undefined ? undefined : { requeueAfterMs: ms });
