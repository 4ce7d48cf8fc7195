import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OwnPrometheus, type Target } from '../../load/platform/own-prometheus.ts';
import { findAlertmanager, findPrometheus } from '../../src/tools/prometheus.ts';
import { startAlertmanager } from './alertmanager.ts';
import { type Delivery, startWebhook } from './webhook.ts';

/** From a metric to whoever is on call: Prometheus, Alertmanager, and a webhook that keeps what arrives. */
export interface Monitoring {
  readonly deliveries: readonly Delivery[];
  /** For questions to Prometheus. */
  readonly url: string;
  stop(): Promise<void>;
}

interface Options {
  /** What finds programs. */
  readonly env: NodeJS.ProcessEnv;
  readonly now: () => number;
  readonly targets: () => Promise<readonly Target[]>;
  readonly scrapeSeconds: number;
  readonly evaluationSeconds: number;
}

/** Starts all three. @throws Error when a program is not to be had */
export async function startMonitoring(options: Options): Promise<Monitoring> {
  const { env, evaluationSeconds, now, scrapeSeconds, targets } = options;
  const prometheus = await findPrometheus(env);
  const manager = await findAlertmanager(env);
  if (prometheus.missing !== undefined) throw new Error(prometheus.missing);
  if (manager.missing !== undefined) throw new Error(manager.missing);
  const directory = await mkdtemp(join(tmpdir(), 'bundler-fire-drill-'));
  const closing = [() => rm(directory, { recursive: true, force: true })];
  const stop = async (): Promise<void> => {
    for (const close of closing.toReversed()) await close();
  };
  try {
    const webhook = await startWebhook(now);
    closing.push(() => webhook.close());
    const alertmanager = await startAlertmanager(manager.paths.alertmanager, directory, webhook.url);
    closing.push(() => alertmanager.stop());
    const server = await OwnPrometheus.start({
      binary: prometheus.paths.prometheus,
      directory,
      targets,
      scrapeSeconds,
      evaluationSeconds,
      alertmanager: alertmanager.address,
    });
    closing.push(() => server.stop());
    return { deliveries: webhook.deliveries, url: server.url, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
