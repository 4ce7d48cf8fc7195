import type { KubeApi } from './rest.ts';

/**
 * The same API, which refuses to write once `fence` throws: a process that is no longer the leader must not act on
 * what it decided while it was.
 *
 * @param fence throws when this process may not write
 */
export function fenced(api: KubeApi, fence: () => void): KubeApi {
  const guarded = <Arguments extends unknown[], Result>(write: (...args: Arguments) => Promise<Result>) => {
    return async (...args: Arguments): Promise<Result> => {
      fence();
      return write(...args);
    };
  };
  return {
    get: (ref, options) => api.get(ref, options),
    list: (type, options) => api.list(type, options),
    watch: (type, options) => api.watch(type, options),
    serves: (type, options) => api.serves(type, options),
    create: guarded((object, options) => api.create(object, options)) as KubeApi['create'],
    replace: guarded((object, options) => api.replace(object, options)) as KubeApi['replace'],
    apply: guarded((object, options) => api.apply(object, options)) as KubeApi['apply'],
    patch: guarded((ref, patch, options) => api.patch(ref, patch, options)) as KubeApi['patch'],
    patchStatus: guarded((ref, status, options) => api.patchStatus(ref, status, options)) as KubeApi['patchStatus'],
    delete: guarded((ref, options) => api.delete(ref, options)),
  };
}
