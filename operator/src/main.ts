import { hostname } from 'node:os';
import { operatorSettings } from '@bundler/contract';
import {
  createLogger,
  kubernetesPaths,
  Lifecycle,
  loadSettings,
  reportBuild,
  runUntilSignalled,
  startAdminServer,
} from '@bundler/runtime';
import { connectInCluster, connectWithKubeConfig } from './kube/connection.ts';
import { EventRecorder } from './kube/events.ts';
import { LeaderElection } from './kube/lease.ts';
import { RestApi } from './kube/rest.ts';
import { Operator } from './operator.ts';
import { systemClock as clock } from './runtime/clock.ts';
import { operatorHealth } from './runtime/health.ts';
import { createOperatorMetrics } from './runtime/metrics.ts';

const { env } = process;
const config = loadSettings(operatorSettings, env);
const logger = createLogger('operator', config.operatorLogLevel);
const metrics = createOperatorMetrics({ component: 'operator', processMetrics: true });
reportBuild(metrics.buildInfo, 'operator', env);
const lifecycle = new Lifecycle(logger);
const random = Math.random;

/** Less than the time that Kubernetes gives a pod to stop. */
const STOP_TIMEOUT_MS = 20_000;

const connection = lifecycle.add(
  'connection',
  config.kubeconfig === ''
    ? await connectInCluster({ host: env.KUBERNETES_SERVICE_HOST ?? '', port: env.KUBERNETES_SERVICE_PORT ?? '443' })
    : await connectWithKubeConfig(config.kubeconfig),
  (opened) => opened.close(),
);
const api = new RestApi({
  connection,
  clock,
  onWarning: (warning) => logger.warn({ warning }, 'the API server warns'),
});
// Of the pod, and of this process in it: a container that is started again must not take itself for its predecessor.
const instance = config.podName || hostname();
const identity = `${instance}_${process.pid}_${clock.date().getTime()}`;
const controller = 'bundler.permaweb.dev/operator';
const events = lifecycle.add(
  'events',
  new EventRecorder({ api, controller, instance, clock, random, logger, metrics }),
  (recorder) => recorder.flush(),
);

let [synced, draining] = [false, false];
const election = new LeaderElection({
  api,
  namespace: config.podNamespace || connection.namespace,
  name: config.leaseName,
  identity,
  onStarted: () => operator.act(),
  // Another process acts now: whatever this one still does, it must not be for long.
  onLost: () => process.exit(1),
  clock,
  random,
  logger,
  metrics,
});
const operator = new Operator({
  api,
  fence: () => election.fence(),
  namespaces: config.watchNamespaces.filter((namespace) => namespace !== '*'),
  image: config.platformImage,
  pollInterval: config.pollInterval,
  platform: { env: {}, mounts: { live: '/etc/bundler/live' } },
  record: (regarding, announcement) => events.record({ regarding, ...announcement }),
  clock,
  random,
  logger,
  metrics,
});

const adminServer = await startAdminServer({
  host: config.operatorBindAddress,
  port: config.operatorPort,
  registry: metrics.registry,
  paths: kubernetesPaths,
  health: operatorHealth({
    controllers: operator.controllers,
    failingWatch: () => operator.cluster.worst,
    synced: () => synced,
    draining: () => draining,
  }),
});
runUntilSignalled(logger, async () => {
  draining = true;
  await lifecycle.stop(STOP_TIMEOUT_MS);
  await adminServer.close();
});

// Stopped in reverse: first the work, then the claim to it.
lifecycle.add('election', election, (running) => running.stop());
lifecycle.add('controllers', operator, (running) => running.stop());
await operator.watch();
synced = true;
logger.info({ namespaces: config.watchNamespaces, address: adminServer.server.address() }, 'the operator is watching');
election.start();
