import { check } from 'k6';
import { itemAt } from '../lib/corpus.ts';
import { guarded } from '../lib/guard.ts';
import { sendInParts } from '../lib/parts.ts';
import { nextItem } from '../lib/suite.ts';
import { type Answer, send } from '../lib/upload.ts';

const MiB = 1024 * 1024;
const IN_PARTS_EVERY = 20;

/** Sends the item whose turn it is. */
export const upload = guarded(async () => {
  send(await itemAt(nextItem()));
});

/** As `upload`, but one in twenty goes in parts. */
export const uploadMixed = guarded(async () => {
  const item = nextItem();
  if (item % IN_PARTS_EVERY === IN_PARTS_EVERY - 1) await sendInParts(item, { chunkSize: 25 * MiB, atOnce: 1 });
  else send(await itemAt(item));
});

/** For loads above what the platform can take: it may ask to come again, and must say when. */
export const uploadOrBeShed = guarded(async () => {
  const answer = send(await itemAt(nextItem()), { expected: [503] });
  if (answer.status === 503) check(answer, { 'who is sent away is told when to come again': saysWhen });
});

export const saysWhen = ({ headers }: Answer): boolean => Number(headers['Retry-After']) > 0;
