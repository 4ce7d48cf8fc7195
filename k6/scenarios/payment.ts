import { ask } from '../lib/control.ts';
import { itemAt } from '../lib/corpus.ts';
import { nextItem } from '../lib/suite.ts';
import { send } from '../lib/upload.ts';

/** An upload that must be paid for, while the payment service may be away. */
export async function payOrBeSentAway(): Promise<void> {
  send(await itemAt(nextItem()), { expected: [503] });
}

export const hang = (): void => ask('payment-hangs');
export const heal = (): void => ask('payment-heals');
