import { FakeClock } from '../fixtures/fake-clock.ts';
import type { KubeApi } from '../kube/index.ts';
import { passed } from '../rollout/gate.ts';
import type { Report } from '../status/report.ts';
import type { BundlerConfigStatus } from '../status/types.ts';
import type { StoredConfig } from './bundler-config.ts';
import { StatusController } from './status-controller.ts';

const report: Report = {
  generation: 1,
  suspended: false,
  plan: undefined,
  violations: [],
  missingSecrets: [],
  connectionBudget: { available: 490, possible: 420 },
  course: undefined,
  lastGood: undefined,
  gate: passed,
  autoscaling: { wanted: false, kedaInstalled: false },
  liveGeneration: 1,
  obstacle: undefined,
  drift: undefined,
};
const worker = {
  metadata: { name: 'demo-plan', labels: { 'app.kubernetes.io/component': 'workers-plan' } },
  spec: { replicas: 2, template: { spec: { containers: [] } } },
};

/** Keys in the order of the alphabet, as the API server stores them. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, entry]) => [key, sorted(entry)]));
}

describe('the status of what does not change', () => {
  const clock = new FakeClock();
  const written: BundlerConfigStatus[] = [];
  let config: StoredConfig;
  const api = {
    patchStatus: (_: unknown, status: unknown) => {
      written.push(status as BundlerConfigStatus);
      return Promise.resolve({});
    },
  } as unknown as Pick<KubeApi, 'patchStatus'>;
  const cluster = {
    config: () => config,
    list: ({ kind }: { readonly kind: string }) => (kind === 'Deployment' ? [worker] : []),
  } as unknown as ConstructorParameters<typeof StatusController>[0]['cluster'];
  const controller = () => new StatusController({ api, cluster, clock, reportOf: () => report });
  const stored = (status: unknown, resourceVersion: string): StoredConfig =>
    ({
      apiVersion: 'bundler.permaweb.dev/v1alpha1',
      kind: 'BundlerConfig',
      metadata: { name: 'demo', namespace: 'ns', uid: 'u', generation: 1, resourceVersion },
      spec: {},
      status,
    }) as unknown as StoredConfig;

  it('is written once and then never again, in whatever order its keys come back', async () => {
    config = stored(undefined, '1');
    const one = controller();
    await one.reconcile('ns/demo');
    expect(written).toHaveLength(1);
    expect(written[0]!.workers).not.toEqual([]);

    config = stored(sorted(JSON.parse(JSON.stringify(written[0]))), '2');
    for (let minute = 0; minute < 3; minute += 1) {
      await clock.advance(61_000);
      await one.reconcile('ns/demo');
    }
    expect(written).toHaveLength(1);
  });

  it('is not written by a process that starts anew either', async () => {
    await controller().reconcile('ns/demo');
    expect(written).toHaveLength(1);
  });
});
