/** Prints every generated file; with `--check` writes nothing and fails when one is not current. */
import { dirname } from 'node:path';
import { findStale, writeGenerated } from './generated-files.ts';
import { printers } from './printers/index.ts';

const root = dirname(import.meta.dirname);

if (process.argv.includes('--check')) {
  const stale = await findStale(root, printers);
  for (const line of stale) console.error(line);
  console.log(stale.length === 0 ? `${printers.length} generated files are current` : 'Run `npm run generate`.');
  process.exitCode = stale.length === 0 ? 0 : 1;
} else {
  const written = await writeGenerated(root, printers);
  for (const path of written) console.log(`wrote ${path}`);
  console.log(`${printers.length} generated files, ${written.length} changed`);
}
