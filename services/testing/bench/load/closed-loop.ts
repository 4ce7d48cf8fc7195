import { setTimeout as wait } from 'node:timers/promises';
import { Connections } from './connections.ts';
import { type Corpus, itemJoiner } from './corpus.ts';
import { Tally } from './tally.ts';

export interface ClosedLoop {
  readonly kind: 'closed';
  readonly urls: readonly string[];
  readonly path: string;
  readonly connections: number;
  readonly warmUpSeconds: number;
  readonly seconds: number;
}

export interface ClosedRun {
  readonly tally: Tally;
  readonly seconds: number;
  /** The corpus ended before the time did. */
  readonly ranOut: boolean;
}

/**
 * Each connection sends its next item when its last one is answered. One that is told to come again later does so, as a
 * client would: a loop that goes on at once would measure how fast refusals are.
 */
export async function closedLoop(
  loop: ClosedLoop,
  corpus: Corpus,
  mark: (moment: 'measuring' | 'measured') => void,
): Promise<ClosedRun> {
  const connections = new Connections(loop.urls, loop.path, loop.connections);
  const ending = new AbortController();
  const rest = (ms: number): Promise<unknown> => wait(ms, undefined, { signal: ending.signal }).catch(() => undefined);
  let tally: Tally | undefined;
  let next = 0;
  const lane = async (index: number): Promise<void> => {
    const join = itemJoiner(corpus);
    while (!ending.signal.aborted && next < corpus.headers.length) {
      const header = corpus.headers[next++]!;
      const item = join(header);
      const start = performance.now();
      const answer = await connections.send(index, item);
      tally?.add(answer, performance.now() - start, header);
      if (answer.retryAfter !== undefined) await rest(answer.retryAfter * 1000);
    }
  };
  const lanes = Promise.all(Array.from({ length: loop.connections }, (_, index) => lane(index)));
  const passed = (seconds: number): Promise<unknown> =>
    Promise.race([wait(seconds * 1000, undefined, { ref: false }), lanes]);
  await passed(loop.warmUpSeconds);
  const measured = new Tally(corpus.headers.length - next);
  tally = measured;
  const start = performance.now();
  mark('measuring');
  await passed(loop.seconds);
  tally = undefined;
  const seconds = (performance.now() - start) / 1000;
  mark('measured');
  ending.abort();
  const ranOut = next >= corpus.headers.length;
  await lanes;
  await connections.close();
  return { tally: measured, seconds, ranOut };
}
