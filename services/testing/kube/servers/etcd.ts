import { join } from 'node:path';
import { dieWithParent, freePort, type ManagedProcess, startProcess } from '@bundler/standalone/embedded';
import { flags } from './flags.ts';

/** An etcd that listens on 127.0.0.1 only. */
export interface Etcd extends ManagedProcess {
  readonly url: string;
}

/** Starts an etcd whose data are thrown away with the test: it does not wait for the disk. */
export async function startEtcd(binary: string, directory: string): Promise<Etcd> {
  const url = `http://127.0.0.1:${await freePort()}`;
  const args = flags({
    'data-dir': join(directory, 'etcd'),
    'listen-client-urls': url,
    'advertise-client-urls': url,
    // One member has no peers: any port will do.
    'listen-peer-urls': 'http://127.0.0.1:0',
    'unsafe-no-fsync': true,
    'log-level': 'warn',
  });
  const server = await startProcess({
    name: 'etcd',
    command: await dieWithParent({ file: binary, args }, 'TERM'),
    pidFile: join(directory, 'etcd.pid'),
    ready: async () => (await fetch(`${url}/health`).catch(() => undefined))?.ok === true,
    readyTimeoutMs: 30_000,
    stopSteps: [],
  });
  return { ...server, url };
}
