import {
  type KubeApi,
  type KubeObject,
  type ObjectRef,
  orUndefined,
  type ResourceType,
  refOf,
} from '@bundler/operator/kube';

/** The same API, which notes as `verb group/resource` what each request needs to be allowed. */
export function notingVerbs(api: KubeApi, admin: KubeApi, noted: Set<string>): KubeApi {
  const note = (verb: string, { group, plural }: ResourceType, subresource = ''): void => {
    noted.add(`${verb} ${group}/${plural}${subresource}`);
  };
  return {
    ...api,
    get: (ref, options) => (note('get', ref.type), api.get(ref, options)),
    list: (type, options) => (note('list', type), api.list(type, options)),
    watch: (type, options) => (note('watch', type), api.watch(type, options)),
    serves: (type, options) => api.serves(type, options),
    create: (object, options) => (note('create', refOf(object).type), api.create(object, options)),
    replace: (object, options) => (note('update', refOf(object).type), api.replace(object, options)),
    apply: async (object, options) => {
      const ref = refOf(object);
      note('patch', ref.type);
      // An apply that creates needs both.
      if (!(await exists(admin, ref))) note('create', ref.type);
      return api.apply(object, options);
    },
    patch: (ref, patch, options) => (note('patch', ref.type), api.patch(ref, patch, options)),
    patchStatus: (ref, status, options) => (note('patch', ref.type, '/status'), api.patchStatus(ref, status, options)),
    delete: (ref, options) => (note('delete', ref.type), api.delete(ref, options)),
  };
}

const exists = async (api: KubeApi, ref: ObjectRef): Promise<boolean> =>
  (await orUndefined(api.get<KubeObject>(ref))) !== undefined;
