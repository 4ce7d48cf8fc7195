import fc from 'fast-check';
import { verifyDataItem } from '../../src/index.ts';
import { itemRecipe } from './edits.ts';
import { makeItem } from './make-item.ts';
import type { NamedItem } from './named.ts';
import type { Seedling } from './pool.ts';
import { fuzzSettings } from './settings.ts';

/** Items that were tampered with, without the few that stayed valid; each is named by what makes it anew. */
export async function sampleBadItems(pool: readonly Seedling[], count: number): Promise<NamedItem[]> {
  const { seed, numRuns } = fuzzSettings(count);
  const one = fc.record({ seedling: fc.nat({ max: pool.length - 1 }), recipe: itemRecipe });
  const items: NamedItem[] = [];
  for (const { seedling, recipe } of fc.sample(one, { seed: seed!, numRuns })) {
    const { bytes } = await makeItem(pool[seedling]!, recipe);
    if (!(await isValid(bytes))) items.push({ name: fc.stringify({ seed, seedling, recipe }), bytes });
  }
  return items;
}

async function isValid(bytes: Buffer): Promise<boolean> {
  return verifyDataItem(bytes).then(
    ({ valid }) => valid,
    () => false,
  );
}
