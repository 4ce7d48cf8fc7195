import { startServerChild } from '../child.ts';
import type { LoadResult } from '../children/load-tool.ts';
import { type Bench, runLoad } from './bench.ts';

const CONNECTIONS = 50;
/** More than one process answers: 55,000 were seen. */
const MOST_PER_SECOND = 80_000;

/** What one process of Fastify with nothing behind it does: the same bodies, an answer of a receipt's size. */
export async function measureRawFastify(bench: Bench): Promise<LoadResult> {
  const { seconds, warmUpSeconds } = bench.options;
  const server = await startServerChild(new URL('../children/raw-server.ts', import.meta.url));
  try {
    const result = await runLoad(bench, 'raw Fastify', {
      corpus: {
        signer: 'none',
        jwk: bench.jwk,
        payloadBytes: 1024,
        count: Math.ceil(MOST_PER_SECOND * (warmUpSeconds + seconds)),
      },
      loop: { kind: 'closed', urls: [server.url], path: '/', connections: CONNECTIONS, warmUpSeconds, seconds },
      wallet: undefined,
    });
    const rate = result.accepted / result.seconds;
    bench.print(`raw Fastify, one process, 2.1 KB bodies, ${CONNECTIONS} connections: ${rate.toFixed(0)} requests/s`);
    return result;
  } finally {
    await server.stop();
  }
}
