import { setTimeout as wait } from 'node:timers/promises';
import { Connections } from './connections.ts';
import type { Corpus } from './corpus.ts';
import { percentile } from './percentile.ts';
import { evenSchedule } from './schedule.ts';
import { Tally } from './tally.ts';

export interface OpenLoop {
  readonly kind: 'open';
  readonly urls: readonly string[];
  readonly path: string;
  /** Requests a second. */
  readonly rate: number;
  readonly warmUpSeconds: number;
  readonly seconds: number;
}

export interface OpenRun {
  readonly tally: Tally;
  readonly seconds: number;
  /** Requests that left more than 10 ms after they were due: the load tool's own delay. */
  readonly late: number;
  /** p99 of the accepted from the moment they left, milliseconds: without the load tool's own delay. */
  readonly p99FromSending: number;
  readonly maxInFlight: number;
}

const LATE_MS = 10;
/** More than will be in flight, so that requests do not wait for a connection. */
const CONNECTIONS = 1000;

/** Sends by a schedule whatever the answers do; latencies count from the moment a request was due. */
export async function openLoop(loop: OpenLoop, corpus: Corpus, mark: (moment: 'measuring') => void): Promise<OpenRun> {
  const connections = new Connections(loop.urls, loop.path, CONNECTIONS);
  const schedule = evenSchedule(loop.rate, loop.warmUpSeconds + loop.seconds);
  const warmUp = Math.floor(loop.rate * loop.warmUpSeconds);
  const tally = new Tally(schedule.arrivals - warmUp);
  const sending = new Set<Promise<void>>();
  const fromSending: number[] = [];
  let late = 0;
  let maxInFlight = 0;
  const start = performance.now();
  const send = async (index: number): Promise<void> => {
    const header = corpus.headers[index]!;
    const due = start + schedule.dueAt(index);
    if (index === warmUp) mark('measuring');
    const sent = performance.now();
    if (index >= warmUp && sent - due > LATE_MS) late += 1;
    const answer = await connections.send(index, Buffer.concat([header, corpus.payload]));
    if (index < warmUp) return;
    tally.add(answer, performance.now() - due, header);
    if (answer.status === 200) fromSending.push(performance.now() - sent);
  };
  for (let next = 0; next < schedule.arrivals; ) {
    for (const due = schedule.dueBy(performance.now() - start); next < due; next += 1) {
      const one: Promise<void> = send(next).finally(() => sending.delete(one));
      sending.add(one);
      maxInFlight = Math.max(maxInFlight, sending.size);
    }
    await wait(1);
  }
  await Promise.all(sending);
  await connections.close();
  return { tally, seconds: loop.seconds, late, maxInFlight, p99FromSending: percentile(fromSending, 0.99) };
}
