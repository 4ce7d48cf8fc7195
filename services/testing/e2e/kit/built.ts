import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** What `make images` built last; by it `make e2e` knows what to install. */
export interface Built {
  readonly registry: string;
  readonly tag: string;
  /** The operator of an earlier commit, from which the proof of an upgrade starts; null when there is none to build. */
  readonly previousOperator: PreviousOperator | null;
  /** The S3 server of the trial. */
  readonly s3: string;
  /** What runs the load suites. */
  readonly k6: string;
}

export interface PreviousOperator {
  readonly tag: string;
  readonly commit: string;
  /** Directory of its chart, with the CRD of its time. */
  readonly chart: string;
}

export const root = join(import.meta.dirname, '../../../..');
const file = join(root, '.cache/images.json');

export async function writeBuilt(built: Built): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, `${JSON.stringify(built, null, 2)}\n`);
}

/** @throws Error when no images were built in this checkout */
export async function readBuilt(): Promise<Built> {
  const text = await readFile(file, 'utf8').catch(() => {
    throw new Error('No images were built in this checkout: run "make images" first.');
  });
  return JSON.parse(text) as Built;
}
