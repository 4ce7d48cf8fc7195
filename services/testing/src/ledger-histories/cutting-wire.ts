import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import type { Cut } from './operations.ts';

/** A wire to a server that breaks where it is told to. */
export interface CuttingWire {
  readonly port: number;
  /** The next connection that sends so many pieces from now on is cut there, once. */
  arm(cut: Cut): void;
  disarm(): void;
  close(): Promise<void>;
}

/** Starts a wire on 127.0.0.1 to a port there. */
export async function startCuttingWire(target: number): Promise<CuttingWire> {
  const sockets = new Set<Socket>();
  let armed: Cut | undefined;
  let pieces = 0;
  const listener = createServer((client) => {
    const server = connect(target, '127.0.0.1');
    let answerIsLost = false;
    const end = (): void => {
      for (const socket of [client, server]) {
        sockets.delete(socket);
        socket.destroy();
      }
    };
    for (const socket of [client, server]) {
      sockets.add(socket);
      socket.on('error', end).on('close', end);
    }
    client.on('data', (bytes) => {
      pieces += 1;
      if (armed && pieces >= armed.atPiece) {
        const { lost } = armed;
        armed = undefined;
        if (lost === 'request') return end();
        answerIsLost = true;
      }
      server.write(bytes);
    });
    server.on('data', (bytes) => (answerIsLost ? end() : client.write(bytes)));
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  return {
    port: (listener.address() as AddressInfo).port,
    arm: (cut) => {
      armed = cut;
      pieces = 0;
    },
    disarm: () => {
      armed = undefined;
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      listener.close();
      await once(listener, 'close');
    },
  };
}
