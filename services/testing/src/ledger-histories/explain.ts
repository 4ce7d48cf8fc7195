import type { LedgerModel } from './model.ts';
import { type Tried, told } from './operations.ts';

/**
 * Looks for an order in which operations that ran at the same time could have been done one after another so that each
 * answered what it did, and everything is afterwards as it was seen to be. A try without an answer may have been done or not.
 *
 * The ledger promises that what a settlement moves, moves at once. It does not promise that an item for which it finds nothing
 * to do is not reserved at that moment: so it may have looked at that one earlier or later.
 *
 * @returns the model after it; undefined when there is no such order: then the ledger has done what it must not do
 */
export function explain(before: LedgerModel, tried: readonly Tried[], seen: string): LedgerModel | undefined {
  return inSomeOrder(before, tried, seen) ?? inSomeOrder(before, tried.flatMap(lookedApart), seen);
}

function inSomeOrder(before: LedgerModel, tried: readonly Tried[], seen: string): LedgerModel | undefined {
  if (tried.every(({ outcomes }) => outcomes.length === 0)) return before.facts === seen ? before : undefined;
  for (const [index, { operation, outcomes }] of tried.entries()) {
    if (outcomes.length === 0) continue;
    const [outcome, ...later] = outcomes;
    const rest = tried.with(index, { operation, outcomes: later });
    const after = before.copy();
    const answer = after.apply(operation);
    if (outcome === answer && after.facts === before.facts) return inSomeOrder(before, rest, seen);
    const done = outcome === undefined || outcome === answer ? inSomeOrder(after, rest, seen) : undefined;
    const found = done ?? (outcome === undefined ? inSomeOrder(before, rest, seen) : undefined);
    if (found) return found;
  }
  return undefined;
}

/** A settlement as what it has moved, and a look at each other item. Tries that were cut off stay whole. */
function lookedApart(tried: Tried): Tried[] {
  const { operation, outcomes } = tried;
  const answer = outcomes.at(-1);
  if (!('items' in operation) || operation.kind === 'captureLate' || answer === undefined) return [tried];
  const moved = answer.split(' ').filter((item) => item !== '');
  const others = operation.items.filter((item) => !moved.includes(item));
  return [
    { operation, outcomes: outcomes.slice(0, -1) },
    { operation: { ...operation, items: moved }, outcomes: [told(moved)] },
    ...others.map((item): Tried => ({ operation: { ...operation, items: [item] }, outcomes: [''] })),
  ];
}
