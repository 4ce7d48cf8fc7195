import type { OperatorMetrics } from '../runtime/metrics.ts';
import type { BundlerConfigStatus } from '../status/types.ts';
import type { StoredConfig } from './bundler-config.ts';

type StatusMetrics = Pick<
  OperatorMetrics,
  'resourceReady' | 'configGeneration' | 'configObservedGeneration' | 'connectionsBudget' | 'connectionsLimit'
>;

/** Shows what stands in the BundlerConfigs, as it is at the moment of a scrape; one that is deleted is gone then. */
export function exposeConfigs(configs: () => readonly StoredConfig[], metrics: StatusMetrics): void {
  const { resourceReady, configGeneration, configObservedGeneration, connectionsBudget, connectionsLimit } = metrics;
  const each = (gauge: object & { reset(): void }, set: (config: StoredConfig, of: Of) => void): void => {
    const collect = (): void => {
      gauge.reset();
      for (const config of configs()) set(config, ofConfig(config));
    };
    Object.assign(gauge, { collect });
  };
  each(resourceReady, ({ status }, of) => {
    for (const { type, status: state } of status?.conditions ?? []) {
      resourceReady.set({ ...of, condition: type }, state === 'True' ? 1 : 0);
    }
  });
  each(configGeneration, ({ metadata }, of) => configGeneration.set(of, metadata.generation ?? 0));
  each(configObservedGeneration, ({ status }, of) => configObservedGeneration.set(of, status?.observedGeneration ?? 0));
  each(connectionsBudget, ({ status }, of) => {
    for (const { database, possible } of connectionsIn(status)) connectionsBudget.set({ ...of, database }, possible);
  });
  each(connectionsLimit, ({ status }, of) => {
    for (const { database, available } of connectionsIn(status)) {
      if (available !== undefined) connectionsLimit.set({ ...of, database }, available);
    }
  });
}

/** The budget of each database that there is, by what the metrics call it. */
function connectionsIn(status: BundlerConfigStatus | undefined) {
  const { connectionBudget: upload } = status ?? {};
  if (!upload) return [];
  const { payment } = upload;
  return [{ database: 'upload', ...upload }, ...(payment ? [{ database: 'payment', ...payment }] : [])];
}

type Of = ReturnType<typeof ofConfig>;

const ofConfig = ({ metadata: { name, namespace = '' } }: StoredConfig) => ({ namespace, name });
