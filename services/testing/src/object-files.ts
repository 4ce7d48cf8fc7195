import { readdir, rm, stat, utimes } from 'node:fs/promises';
import { join, relative } from 'node:path';

/** The files of an object store in a directory: sizes in bytes by key, those being written included. */
export async function objectFiles(directory: string): Promise<Map<string, number>> {
  const sizes = new Map<string, number>();
  for (const path of await files(directory)) {
    // Deleted since the listing.
    const facts = await stat(path).catch(() => undefined);
    if (facts) sizes.set(relative(directory, path), facts.size);
  }
  return sizes;
}

/** Makes all files look as old as they will be after that many milliseconds. */
export async function ageObjectFiles(directory: string, ms: number): Promise<void> {
  const then = new Date(Date.now() - ms);
  for (const path of await files(directory)) await utimes(path, then, then);
}

/** Deletes all files. The directories stay: the processes that made them remember which. */
export async function deleteObjectFiles(directory: string): Promise<void> {
  for (const path of await files(directory)) await rm(path, { force: true });
}

async function files(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}
