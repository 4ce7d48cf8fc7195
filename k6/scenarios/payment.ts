import { ask } from '../lib/control.ts';
import { itemAt } from '../lib/corpus.ts';
import { guarded } from '../lib/guard.ts';
import { nextItem } from '../lib/suite.ts';
import { send } from '../lib/upload.ts';

/** An upload that must be paid for, while the payment service may be away. */
export const payOrBeSentAway = guarded(async () => {
  send(await itemAt(nextItem()), { expected: [503] });
});

export const hang = guarded(() => ask('payment-hangs'));
export const heal = guarded(() => ask('payment-heals'));
