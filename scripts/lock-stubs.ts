/** Completes package-lock.json with the platform packages that the registry at hand did not have. */
import { readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type LockedPackages, missingStubs, withStubs } from './missing-stubs.ts';

const file = join(dirname(import.meta.dirname), 'package-lock.json');
const lock = JSON.parse(await readFile(file, 'utf8')) as { packages: LockedPackages };

const { added, unknown } = missingStubs(lock.packages);
for (const line of unknown) console.error(`${line}, which is not in the lock file and names no platform`);

const count = Object.keys(added).length;
if (count > 0) {
  // Renamed into place: an interrupted write would leave half a lock file.
  await writeFile(
    `${file}.new`,
    `${JSON.stringify({ ...lock, packages: withStubs(lock.packages, added) }, null, 2)}\n`,
  );
  await rename(`${file}.new`, file);
}
console.log(`${count} platform packages added to package-lock.json`);
process.exitCode = unknown.length === 0 ? 0 : 1;
