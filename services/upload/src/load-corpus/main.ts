/**
 * Makes the signed items that a load suite sends:
 *
 *   node services/upload/src/load-corpus/main.ts --profiles k6/profiles/index.ts --suite smoke --size short --scale 1 DIRECTORY
 *
 * It is part of the image, so that a Job in a cluster can make its own; the profiles come with the Job.
 */
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { type CorpusOptions, makeCorpus } from './make.ts';

/** What `k6/profiles` has: the load of each suite, and how many items that is. */
interface Profiles {
  readonly profiles: Readonly<Record<string, (load: { size: string; scale: number }) => Profile>>;
  itemsOf(profile: Profile): number;
}

interface Profile {
  readonly corpus: Pick<CorpusOptions, 'mix' | 'payloadBytes'>;
}

const USAGE = 'main.ts --profiles FILE --suite NAME --size short|full --scale SHARE DIRECTORY';
const option = { type: 'string' } as const;
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { profiles: option, suite: option, size: option, scale: option },
});
const { profiles: file, suite, size, scale } = values;
const [directory] = positionals;
if (!file || !suite || !size || !scale || !directory) throw new Error(`usage: ${USAGE}`);
const { profiles, itemsOf } = (await import(pathToFileURL(resolve(file)).href)) as Profiles;
if (!Object.hasOwn(profiles, suite))
  throw new Error(`there is no suite ${suite}; there are ${Object.keys(profiles).join(', ')}`);
const profile = profiles[suite]!({ size, scale: Number(scale) });
const items = itemsOf(profile);
const onProgress = (signed: number): void => console.log(`signed ${signed} of ${items} items`);
await makeCorpus({ ...profile.corpus, items, directory, onProgress });
console.log(`signed ${items} items`);
