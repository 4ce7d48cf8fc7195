import { connect } from 'node:net';

/** What came back over a connection on which something was written that need not be HTTP. */
export interface RawAnswer {
  /** Of each answer, in their order. */
  readonly statuses: number[];
  /** Whether the server closed the connection by itself. */
  readonly closed: boolean;
}

export interface RawRequest {
  readonly bytes: string | Buffer;
  /** What the client does after the bytes: waits for the server, ends its half, or is gone at once. */
  readonly after: 'wait' | 'end' | 'vanish';
}

/** Longer than the server keeps a connection that it has given up. */
const LIMIT_MS = 15_000;

/** Writes bytes on a connection of their own and gathers what the server answers until it closes. */
export function sendRaw(url: string, { bytes, after }: RawRequest): Promise<RawAnswer> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    const socket = connect({ port: Number(port), host: hostname, allowHalfOpen: after === 'wait' });
    let text = '';
    const done = (closed: boolean): void => {
      clearTimeout(timer);
      socket.destroy();
      const statuses = [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status));
      resolve({ statuses, closed });
    };
    const timer = setTimeout(() => done(false), LIMIT_MS);
    socket.on('data', (piece) => (text += piece.toString('latin1')));
    // A reset is one of the ways in which a server closes.
    socket.on('error', () => done(true));
    socket.on('end', () => done(true));
    socket.on('close', () => done(true));
    if (after === 'end') socket.end(bytes);
    else socket.write(bytes, () => after === 'vanish' && done(false));
  });
}
