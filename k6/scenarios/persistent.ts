import { check, sleep } from 'k6';
import { ask } from '../lib/control.ts';
import { itemAt } from '../lib/corpus.ts';
import { guarded } from '../lib/guard.ts';
import { nextItem } from '../lib/suite.ts';
import { send } from '../lib/upload.ts';

const TRIES = 60;

/** Sends an item until it has its receipt, as a client does that wants it kept. */
export const uploadUntilReceipt = guarded(async () => {
  const item = await itemAt(nextItem());
  let status = 0;
  for (let tries = 0; tries < TRIES && status !== 200; tries += 1) {
    if (tries > 0) sleep(0.5);
    ({ status } = send(item, { expected: [0, 503] }));
  }
  check(status, { 'every item got its receipt': (last) => last === 200 });
  // Spread over the kills.
  sleep(0.2);
});

export const killWorker = guarded(() => {
  ask('kill-worker');
  sleep(2);
});
