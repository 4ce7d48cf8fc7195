import type { KubeObject, ObjectMeta, Stored } from './objects.ts';

/** What became of an object; `Resync` tells of one that did not change, so that whoever missed it looks again. */
export interface Change<T extends KubeObject = KubeObject> {
  readonly type: 'Added' | 'Modified' | 'Deleted' | 'Resync';
  readonly key: string;
  readonly object: Stored<T>;
  /** The object before a modification. */
  readonly old?: Stored<T>;
}

/** `namespace/name`, or the name of what is in no namespace. */
export function keyOf({ namespace, name }: Pick<ObjectMeta, 'namespace' | 'name'>): string {
  return namespace === undefined ? name : `${namespace}/${name}`;
}

/** The objects of one type as last seen: plain JSON, frozen, because everybody is handed the same one. */
export class Store<T extends KubeObject = KubeObject> {
  readonly #objects = new Map<string, Stored<T>>();
  readonly #keepManagedFields: boolean;

  /** @param keepManagedFields only for what is applied: they are half of an object's memory */
  constructor(keepManagedFields: boolean) {
    this.#keepManagedFields = keepManagedFields;
  }

  get(namespace: string | undefined, name: string): Stored<T> | undefined {
    return this.#objects.get(keyOf(namespace === undefined ? { name } : { namespace, name }));
  }

  byKey(key: string): Stored<T> | undefined {
    return this.#objects.get(key);
  }

  list(): Stored<T>[] {
    return [...this.#objects.values()];
  }

  keys(): string[] {
    return [...this.#objects.keys()];
  }

  get size(): number {
    return this.#objects.size;
  }

  /** Takes what one event says; returns the changes, of which a reincarnation under the same name has two. */
  set(incoming: Stored<T>): Change<T>[] {
    const object = this.#clean(incoming);
    const key = keyOf(object.metadata);
    const old = this.#objects.get(key);
    this.#objects.set(key, object);
    if (old === undefined) return [{ type: 'Added', key, object }];
    if (old.metadata.uid !== object.metadata.uid) {
      return [
        { type: 'Deleted', key, object: old },
        { type: 'Added', key, object },
      ];
    }
    // Equality is all that may be asked of a version.
    if (old.metadata.resourceVersion === object.metadata.resourceVersion) return [];
    return [{ type: 'Modified', key, object, old }];
  }

  remove(incoming: Stored<T>): Change<T>[] {
    const object = this.#clean(incoming);
    const key = keyOf(object.metadata);
    return this.#objects.delete(key) ? [{ type: 'Deleted', key, object }] : [];
  }

  /** Takes a complete list; what is not in it was deleted while nobody watched. */
  replace(objects: readonly Stored<T>[]): Change<T>[] {
    const present = new Set(objects.map(({ metadata }) => keyOf(metadata)));
    const gone = [...this.#objects].filter(([key]) => !present.has(key));
    for (const [key] of gone) this.#objects.delete(key);
    return [
      ...gone.map(([key, object]): Change<T> => ({ type: 'Deleted', key, object })),
      ...objects.flatMap((object) => this.set(object)),
    ];
  }

  #clean(object: Stored<T>): Stored<T> {
    if (this.#keepManagedFields) return deepFreeze(object);
    const { managedFields: _, ...metadata } = object.metadata;
    return deepFreeze({ ...object, metadata } as Stored<T>);
  }
}

function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  for (const child of Object.values(value)) deepFreeze(child);
  return Object.freeze(value);
}
