import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ManagedProcess } from '@bundler/standalone/embedded';
import { Restartable } from '../src/restartable.ts';
import { type KubeConnection, kubeconfig } from './connection.ts';
import type { Programs } from './programs/names.ts';
import { connectionOf, createIdentity, startApiServer } from './servers/api-server.ts';
import { startControllerManager } from './servers/controller-manager.ts';
import { startEtcd } from './servers/etcd.ts';

/** An empty Kubernetes without nodes, which one test file has to itself. */
export interface ControlPlane extends KubeConnection {
  /** A file that kubectl and every client library read. */
  readonly kubeconfig: string;
  /** `crash()` kills it and starts another at the same address; `running.pid` takes SIGSTOP and SIGCONT. */
  readonly apiServer: Restartable<ManagedProcess>;
  /** Of etcd, which a test may ask to compact its history. */
  readonly etcdUrl: string;
  /** Ends the servers and forgets what they knew. */
  stop(): Promise<void>;
}

/** Starts the servers, a few seconds; with the controllers of Kubernetes when their program is among those given. @param only some of them, by the names that --controllers takes */
export async function startControlPlane(programs: Programs, only?: readonly string[]): Promise<ControlPlane> {
  const directory = await mkdtemp(join(tmpdir(), 'bundler-kube-'));
  const stops: (() => Promise<unknown>)[] = [() => rm(directory, { recursive: true, force: true })];
  const stop = async (): Promise<void> => {
    for (const step of stops.splice(0).toReversed()) await step();
  };
  try {
    const etcd = await startEtcd(programs.etcd, directory);
    stops.push(() => etcd.stop());
    const identity = await createIdentity(directory);
    const start = () => startApiServer(programs['kube-apiserver'], etcd.url, identity);
    const apiServer = await Restartable.start('kube-apiserver', start);
    stops.push(() => apiServer.end((running) => running.stop()));
    const connection = await connectionOf(identity);
    const configuration = join(directory, 'kubeconfig');
    await writeFile(configuration, kubeconfig(connection), { mode: 0o600 });
    const controllers = programs['kube-controller-manager'];
    if (controllers !== undefined) {
      const manager = await startControllerManager(controllers, directory, only);
      stops.push(() => manager.stop());
    }
    return { ...connection, kubeconfig: configuration, apiServer, etcdUrl: etcd.url, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
