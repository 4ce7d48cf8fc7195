import { watch } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { Clock } from '../supervisor/index.ts';

/** Editors write in several steps; what is read before the last one is half a file. */
const SETTLE_MS = 200;

/**
 * Calls back some time after any of the files has changed, appeared or gone. Watches their directories, because
 * editors replace a file by renaming another over it, and a watch on the file itself would follow the old one.
 *
 * @returns ends the watching
 */
export function watchFiles(paths: readonly string[], clock: Clock, changed: () => void): () => void {
  let cancel = () => {};
  const directories = new Set(paths.map(dirname));
  const watchers = [...directories].map((directory) => {
    const names = new Set(paths.filter((path) => dirname(path) === directory).map((path) => basename(path)));
    return watch(directory, (_event, name) => {
      if (name !== null && !names.has(name)) return;
      cancel();
      cancel = clock.after(SETTLE_MS, changed);
    });
  });
  return () => {
    cancel();
    for (const watcher of watchers) watcher.close();
  };
}
