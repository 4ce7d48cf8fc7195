import { connect } from 'node:net';

const TIMEOUT_MS = 2_000;

/**
 * Whether a Redis-compatible server on 127.0.0.1 answers PING. False while it does not listen yet or is still loading
 * its data (`-LOADING`); throws for any other answer.
 */
export function ping(port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port });
    const end = (settle: () => void) => {
      socket.destroy();
      settle();
    };
    socket.setTimeout(TIMEOUT_MS, () => end(() => resolve(false)));
    socket.once('connect', () => socket.write('PING\r\n'));
    socket.once('error', () => end(() => resolve(false)));
    // Both answers are shorter than any segment: they come in one piece.
    socket.once('data', (answer) => {
      const text = answer.toString('latin1').slice(0, 80).trim();
      if (text.startsWith('+PONG')) end(() => resolve(true));
      else if (text.startsWith('-LOADING')) end(() => resolve(false));
      else end(() => reject(new Error(`The server on port ${port} answers PING with "${text}"`)));
    });
  });
}
