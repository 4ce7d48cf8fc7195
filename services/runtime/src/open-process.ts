import type { Component, Config, Role } from '@bundler/contract';
import { reportBuild } from './build-info.ts';
import type { Environment } from './config.ts';
import { Lifecycle } from './lifecycle.ts';
import { LiveSettings } from './live-settings/index.ts';
import { createLogger, type Logger } from './log.ts';
import { createMetrics, type Metrics } from './metrics.ts';

/** What every process of the platform begins with. */
export interface OpenedProcess {
  readonly live: LiveSettings;
  /** Always what `live` says now. */
  readonly config: Config;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly lifecycle: Lifecycle;
}

/**
 * Reads the settings of a process, and opens its log and its metrics. The file of live settings is not followed yet: the
 * process says itself what it can obey.
 *
 * @throws ConfigError when the settings are wrong
 */
export async function openProcess(name: Role & Component, env: Environment): Promise<OpenedProcess> {
  const live = await LiveSettings.open(name, env);
  const { config } = live;
  const logger = createLogger(name, config.logLevel);
  const metrics = createMetrics({ component: name, processMetrics: true, legacyNames: config.metricsLegacyNames });
  reportBuild(metrics.buildInfo, name, env);
  return { live, config, logger, metrics, lifecycle: new Lifecycle(logger) };
}
