import type { Clock } from '../runtime/clock.ts';
import type { KubeObject } from './objects.ts';
import type { Reflector } from './reflector.ts';

/**
 * Resolves with true when the store of `reflector` holds this version of an object, and with false when it has not
 * after `timeoutMs`: to decide on what it holds would then be to decide on the past.
 */
export function awaitVersion<T extends KubeObject>(
  reflector: Reflector<T>,
  key: string,
  resourceVersion: string,
  { clock, timeoutMs }: { readonly clock: Clock; readonly timeoutMs: number },
): Promise<boolean> {
  if (reflector.store.byKey(key)?.metadata.resourceVersion === resourceVersion) return Promise.resolve(true);
  return new Promise((resolve) => {
    const end = (seen: boolean): void => {
      unsubscribe();
      cancel();
      resolve(seen);
    };
    const cancel = clock.schedule(timeoutMs, () => end(false));
    const unsubscribe = reflector.onChange(({ object }) => {
      if (object.metadata.resourceVersion === resourceVersion) end(true);
    });
  });
}
