import { createOperatorMetrics } from '../runtime/metrics.ts';
import type { ConnectionStatus } from '../status/types.ts';
import type { StoredConfig } from './bundler-config.ts';
import { exposeConfigs } from './exposed-configs.ts';

const configWith = (connectionBudget: ConnectionStatus): StoredConfig =>
  ({ metadata: { name: 'main', namespace: 'bundler' }, spec: {}, status: { connectionBudget } }) as StoredConfig;

/** What is told of the connections to each database, as a scrape has it. */
async function connectionsOf(config: StoredConfig): Promise<string[]> {
  const metrics = createOperatorMetrics({ processMetrics: false });
  exposeConfigs(() => [config], metrics);
  const lines = (await metrics.registry.metrics()).split('\n');
  return lines.filter((line) => line.startsWith('bundler_db_connections_'));
}

const of = (database: string) => `{namespace="bundler",name="main",database="${database}"}`;
const ofUpload = [
  `bundler_db_connections_budget${of('upload')} 446`,
  `bundler_db_connections_limit${of('upload')} 490`,
];

describe('the connections of a BundlerConfig in the metrics', () => {
  it('are those to the one database where there is no other', async () => {
    expect(await connectionsOf(configWith({ available: 490, possible: 446 }))).toEqual(ofUpload);
  });

  it('are told of each database, with its own limit', async () => {
    const told = await connectionsOf(
      configWith({ available: 490, possible: 446, payment: { available: 80, possible: 62 } }),
    );
    expect(told.toSorted()).toEqual(
      [
        ...ofUpload,
        `bundler_db_connections_budget${of('payment')} 62`,
        `bundler_db_connections_limit${of('payment')} 80`,
      ].toSorted(),
    );
  });

  it('have no limit of the payment database while nobody says one', async () => {
    const told = await connectionsOf(configWith({ available: 490, possible: 446, payment: { possible: 62 } }));
    expect(told.filter((line) => line.includes('payment'))).toEqual([
      `bundler_db_connections_budget${of('payment')} 62`,
    ]);
  });
});
