/** Prints one closing line from the summary that jest wrote, named by the argument; fails as the tests did. */
import { readFile } from 'node:fs/promises';
import { closingLine, type JestSummary } from './closing-line.ts';

const [file = '.cache/test-summary.json'] = process.argv.slice(2);

async function read(): Promise<JestSummary | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as JestSummary;
  } catch (error) {
    console.error(`The test run left no summary in ${file}: ${(error as Error).message}`);
    return undefined;
  }
}

const { line, ok } = closingLine(await read());
console.log(line);
process.exitCode = ok ? 0 : 1;
