import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import type { Kubectl } from './kubectl.ts';
import type { Service } from './objects.ts';

/** A Service's port as this process can reach it. */
export interface Reached {
  readonly host: string;
  readonly port: number;
  /** How: by the Service itself, or through a tunnel to one of its pods. */
  readonly by: 'the Service' | 'a port-forward';
  close(): void;
}

const DIRECT_MS = 2000;

/**
 * Reaches a Service: at its own address where the machine is on the cluster's network, else through kubectl, whose
 * tunnel leads to one pod and breaks with it.
 */
export async function reach(kubectl: Kubectl, name: string): Promise<Reached> {
  const { spec } = await kubectl.get<Service>('service', name);
  const port = spec.ports[0]?.port ?? 80;
  if (await answers(spec.clusterIP, port)) {
    return { host: spec.clusterIP, port, by: 'the Service', close: () => undefined };
  }
  const child = kubectl.start(['port-forward', `service/${name}`, `:${port}`, '--address=127.0.0.1']);
  const local = await tunnelPort(child, name);
  return { host: '127.0.0.1', port: local, by: 'a port-forward', close: () => void child.kill() };
}

function answers(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: DIRECT_MS });
    const end = (reached: boolean) => {
      socket.destroy();
      resolve(reached);
    };
    socket
      .once('connect', () => end(true))
      .once('timeout', () => end(false))
      .once('error', () => end(false));
  });
}

async function tunnelPort(child: ChildProcess, name: string): Promise<number> {
  let said = '';
  const ended = once(child, 'exit').then(() => {
    throw new Error(`no tunnel to service ${name}: ${said}`);
  });
  const opened = new Promise<number>((resolve) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (text: Buffer) => {
        said += text;
        const match = /Forwarding from 127\.0\.0\.1:(\d+)/.exec(said);
        if (match) resolve(Number(match[1]));
      });
    }
  });
  return Promise.race([opened, ended]);
}
