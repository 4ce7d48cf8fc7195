/** Prints one closing line from the summaries that the rounds of tests left; fails as the tests did. */
import { readFile } from 'node:fs/promises';
import { closingLine, type JestSummary, summaries } from './closing-line.ts';

async function read(file: string): Promise<JestSummary | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as JestSummary;
  } catch (error) {
    console.error(`The test run left no summary in ${file}: ${(error as Error).message}`);
    return undefined;
  }
}

const { line, ok } = closingLine(await Promise.all(summaries.map(read)));
console.log(line);
process.exitCode = ok ? 0 : 1;
