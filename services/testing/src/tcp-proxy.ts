import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A wire between a client and a server, which a test damages. */
export interface TcpProxy {
  readonly port: number;
  /** Cuts every connection, with a reset. */
  cut(): void;
  /** Connections that are open pass nothing any more, in neither direction, and nobody is told: a firewall that forgot them. */
  forget(): void;
  /** Whether new connections are let in. */
  open: boolean;
  /** Connections that were not let in. */
  readonly refused: number;
  /** How long what the server says is held back, milliseconds. */
  delayMs: number;
  close(): Promise<void>;
}

interface Pair {
  readonly client: Socket;
  readonly server: Socket;
}

/** Starts a proxy on 127.0.0.1 in front of a port there. */
export async function startTcpProxy(target: number): Promise<TcpProxy> {
  const pairs = new Set<Pair>();
  let refused = 0;
  const listener = createServer((client) => {
    if (!proxy.open) {
      refused += 1;
      client.destroy();
      return;
    }
    const pair = { client, server: connect(target, '127.0.0.1') };
    pairs.add(pair);
    const end = (): void => {
      pairs.delete(pair);
      client.destroy();
      pair.server.destroy();
    };
    for (const socket of [client, pair.server]) socket.on('error', end).on('close', end);
    client.on('data', (bytes) => pair.server.write(bytes));
    pair.server.on('data', (bytes) => {
      if (proxy.delayMs === 0) client.write(bytes);
      else setTimeout(() => client.write(bytes), proxy.delayMs);
    });
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const proxy: TcpProxy = {
    port: (listener.address() as AddressInfo).port,
    open: true,
    get refused() {
      return refused;
    },
    delayMs: 0,
    cut: () => {
      for (const { client } of pairs) client.resetAndDestroy();
    },
    forget: () => {
      for (const { client, server } of pairs) {
        client.removeAllListeners('data').resume();
        server.removeAllListeners('data').resume();
      }
    },
    close: async () => {
      for (const { client, server } of pairs) {
        client.destroy();
        server.destroy();
      }
      listener.close();
      await once(listener, 'close');
    },
  };
  return proxy;
}
