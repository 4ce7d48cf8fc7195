import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** Deletes the files below a directory. The directories stay: the processes that made them remember which. */
export async function deleteFiles(directory: string): Promise<void> {
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) await rm(join(entry.parentPath, entry.name), { force: true });
  }
}
