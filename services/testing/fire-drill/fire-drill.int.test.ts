import { PrometheusClient } from '../load/gate/prometheus-client.ts';
import { describeUnless } from '../src/left-out.ts';
import { findAlertmanager, findPrometheus } from '../src/tools/prometheus.ts';
import { until } from '../src/until.ts';
import { faults } from './faults/index.ts';
import { haveArrived } from './measure.ts';
import { type Monitoring, startMonitoring } from './monitoring/monitoring.ts';
import { Stage } from './stage.ts';

const [prometheus, manager] = [await findPrometheus(process.env), await findAlertmanager(process.env)];
/** Figures of Redis are kept for ten seconds, and Alertmanager waits as long for more of the same. */
const ARRIVES_MS = 60_000;

describeUnless(prometheus.missing ?? manager.missing, 'A fault', () => {
  // The one whose alert holds at once: the whole drill takes the better part of an hour.
  const fault = {
    ...faults.find(({ name }) => name === 'queue-redis-full')!,
    alerts: ['BundlerRedisQueueEvicts'] as const,
  };
  let stage: Stage;
  let monitoring: Monitoring;

  beforeAll(async () => {
    stage = await Stage.start(fault.name, fault.platform ?? {}, {});
    const targets = async () => stage.targets;
    monitoring = await startMonitoring({
      env: process.env,
      now: Date.now,
      targets,
      scrapeSeconds: 1,
      evaluationSeconds: 1,
    });
  }, 60_000);
  afterAll(async () => {
    await monitoring?.stop();
    await stage?.stop();
  });

  it(
    'is told by the shipped rules to who is on call, with a link to what to do, and nothing else is',
    async () => {
      // A counter that is first seen after the fault has not grown.
      const known = `count(redis_evicted_keys_total{role="queue"})`;
      const prometheus = new PrometheusClient(monitoring.url);
      await until(async () => (await prometheus.number(known, Date.now() / 1000)) === 1, ARRIVES_MS);
      const caused = Date.now();
      const undo = await fault.cause(stage);
      try {
        await until(() => haveArrived(fault, monitoring.deliveries, caused), ARRIVES_MS);
      } finally {
        await undo();
      }
      // The heartbeat comes when Prometheus says it again: when it began it knew of no Alertmanager yet.
      const told = monitoring.deliveries.filter(({ labels }) => labels.alertname !== 'BundlerWatchdog');
      expect(
        new Set(
          told.map(({ annotations, labels, receiver }) =>
            [receiver, labels.alertname, annotations.runbook_url].join(' '),
          ),
        ),
      ).toEqual(new Set(['bundler-page BundlerRedisQueueEvicts http://runbooks.example/BundlerRedisQueueEvicts.md']));
    },
    2 * ARRIVES_MS,
  );
});
