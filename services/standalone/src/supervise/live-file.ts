import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LIVE_KEY } from '@bundler/operator';

/**
 * Puts the live settings where the processes look for them. Renamed into place: whoever reads it has the old text or the
 * new one, never half of it.
 */
export async function writeLiveFile(directory: string, text: string): Promise<void> {
  await mkdir(directory, { recursive: true });
  const path = join(directory, LIVE_KEY);
  await writeFile(`${path}.new`, text);
  await rename(`${path}.new`, path);
}
