import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { dieWithParent, freePort, type ManagedProcess, startProcess } from '@bundler/standalone/embedded';
import { ask } from '../connection.ts';
import { flags } from './flags.ts';

/** The controllers that act on what an operator makes; there is no node here, and so no pod ever runs. */
const CONTROLLERS: readonly string[] = [
  'deployment-controller',
  'replicaset-controller',
  'job-controller',
  'garbage-collector-controller',
  'namespace-controller',
  'serviceaccount-controller',
  'disruption-controller',
];

/** Starts the controllers of Kubernetes itself. @param directory where the kubeconfig and the service accounts' key are */
export async function startControllerManager(
  binary: string,
  directory: string,
  controllers = CONTROLLERS,
): Promise<ManagedProcess> {
  const port = await freePort();
  const kubeconfig = join(directory, 'kubeconfig');
  const args = flags({
    kubeconfig,
    'authentication-kubeconfig': kubeconfig,
    'authorization-kubeconfig': kubeconfig,
    'bind-address': '127.0.0.1',
    'secure-port': port,
    'cert-dir': join(directory, 'controllers'),
    'service-account-private-key-file': join(directory, 'service-accounts.key'),
    'leader-elect': false,
    controllers: controllers.join(','),
    // The default of 20 requests a second makes a test of a hundred objects wait for it.
    'kube-api-qps': 200,
    'kube-api-burst': 300,
  });
  return startProcess({
    name: 'kube-controller-manager',
    command: await dieWithParent({ file: binary, args }, 'TERM'),
    pidFile: join(directory, 'kube-controller-manager.pid'),
    ready: () => isServing(directory, port),
    readyTimeoutMs: 60_000,
    stopSteps: [],
  });
}

async function isServing(directory: string, port: number): Promise<boolean> {
  try {
    const ca = await readFile(join(directory, 'controllers', 'kube-controller-manager.crt'), 'utf8');
    const health = { url: `https://127.0.0.1:${port}`, token: '', ca };
    return (await ask(health, { method: 'GET', path: '/healthz' })).status === 200;
  } catch {
    // No certificate yet, or nobody listens.
    return false;
  }
}
