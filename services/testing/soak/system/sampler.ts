import { setTimeout as wait } from 'node:timers/promises';
import type { OperatorProcess, OperatorSample } from './operator-process.ts';

const EVERY_MS = 5000;

/** Asks the operator how it is every five seconds. @returns what ends that, and gives all it said */
export function sampleEvery5s(operator: OperatorProcess): () => Promise<OperatorSample[]> {
  const samples: OperatorSample[] = [];
  const stop = new AbortController();
  const run = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      // One that is too busy to answer is sampled again.
      await operator.sample().then(
        (sample) => samples.push(sample),
        () => undefined,
      );
      await wait(EVERY_MS, undefined, { signal: stop.signal }).catch(() => undefined);
    }
  };
  const running = run();
  return async () => {
    stop.abort();
    await running;
    return samples;
  };
}
