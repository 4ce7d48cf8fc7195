import { connect, type Socket } from 'node:net';
import type { Stage } from '../stage.ts';
import { repeat } from './acts.ts';
import type { Fault, Undo } from './fault.ts';

const CONNECT_MS = 5000;

export const clientFaults: readonly Fault[] = [
  {
    name: 'silent-clients',
    what: 'clients open connections and never send more than the first line',
    // What docs/ADMIN_GUIDE.md recommends.
    platform: { workers: 0, env: { UPLOAD_HEADERS_TIMEOUT_MS: '60000' } },
    traffic: { readEveryMs: 1000 },
    cause: comeAndSayNothing,
    alerts: ['BundlerServerTimeouts'],
    minutes: 16,
    recoveryMinutes: 16,
  },
];

async function comeAndSayNothing(stage: Stage): Promise<Undo> {
  const { hostname, port } = new URL(stage.process('upload').url);
  const sockets = new Set<Socket>();
  const stop = repeat(CONNECT_MS, () => {
    const socket = connect(Number(port), hostname, () => socket.write('POST /v1/tx HTTP/1.1\r\n'));
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
  });
  return async () => {
    await stop();
    for (const socket of sockets) socket.destroy();
  };
}
