import { type Clock, systemClock } from '../runtime/clock.ts';
import type { Connection } from './connection.ts';
import { errorFromStatus, NotServed } from './errors.ts';
import { linesOf } from './lines.ts';
import type { KubeList, KubeObject, Status, Stored, WatchEvent } from './objects.ts';
import {
  apiVersionOf,
  collectionPath,
  groupPath,
  type ObjectRef,
  objectPath,
  type ResourceType,
  refOf,
} from './resources.ts';
import { type Call, Transport } from './transport.ts';

export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs?: number | undefined;
}

/** What of a type; without a namespace, that of all namespaces. */
export interface Selection {
  readonly namespace?: string | undefined;
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
  /** Only the metadata of each object: what Secrets are watched with, so that their values are never in memory. */
  readonly metadataOnly?: boolean | undefined;
}

export interface ListOptions extends Selection, CallOptions {
  /** `0`: whatever the server's cache has. Without it, the newest. */
  readonly resourceVersion?: string | undefined;
  readonly limit?: number | undefined;
  readonly continue?: string | undefined;
}

export interface WatchOptions extends Selection, CallOptions {
  readonly resourceVersion: string;
  /** When the server ends the watch by itself. */
  readonly timeoutSeconds?: number | undefined;
  /** Called when the server has accepted the watch, before its first event. */
  readonly onOpen?: (() => void) | undefined;
  /** How long no byte may come before the connection counts as dead, milliseconds. */
  readonly idleMs: number;
}

export interface WriteOptions extends CallOptions {
  /** Runs everything but the storing. */
  readonly dryRun?: boolean | undefined;
  /** Who owns the fields that are written. */
  readonly fieldManager?: string | undefined;
}

export interface ApplyOptions extends WriteOptions {
  readonly fieldManager: string;
  /** Takes fields over from other managers; without it that is a FieldConflict. */
  readonly force?: boolean | undefined;
}

export interface StatusOptions extends WriteOptions {
  readonly fieldManager: string;
  /** A Conflict unless the object still has this version. */
  readonly resourceVersion?: string | undefined;
}

export interface DeleteOptions extends CallOptions {
  readonly dryRun?: boolean | undefined;
  /** A Conflict unless the object is still this one. */
  readonly uid?: string | undefined;
  readonly resourceVersion?: string | undefined;
  /** What becomes of what it owns. */
  readonly propagation?: 'Background' | 'Foreground' | 'Orphan' | undefined;
  readonly gracePeriodSeconds?: number | undefined;
}

/** The API server, over plain JSON: no field is lost because this code does not know it. All methods throw KubeError. */
export interface KubeApi {
  get<T extends KubeObject>(ref: ObjectRef, options?: CallOptions): Promise<Stored<T>>;
  /** One page. */
  list<T extends KubeObject>(type: ResourceType, options?: ListOptions): Promise<KubeList<T>>;
  /** Ends when the server ends it; throws Gone when the version is too old, Unavailable when the connection breaks. */
  watch<T extends KubeObject>(type: ResourceType, options: WatchOptions): AsyncIterable<WatchEvent<T>>;
  create<T extends KubeObject>(object: T, options?: WriteOptions): Promise<Stored<T>>;
  /** PUT of a whole object as it was read and changed; its resourceVersion guards it. */
  replace<T extends KubeObject>(object: T, options?: WriteOptions): Promise<Stored<T>>;
  /** Server-side apply: the object holds the fields we want to own and nothing else. */
  apply<T extends KubeObject>(object: T, options: ApplyOptions): Promise<Stored<T>>;
  /** JSON merge patch (RFC 7386), or JSON patch (RFC 6902) when it is a list. */
  patch<T extends KubeObject>(ref: ObjectRef, patch: unknown, options?: WriteOptions): Promise<Stored<T>>;
  /** Server-side apply of the whole status, forced: what it does not hold is removed if it was ours. */
  patchStatus<T extends KubeObject>(ref: ObjectRef, status: unknown, options: StatusOptions): Promise<Stored<T>>;
  delete(ref: ObjectRef, options?: DeleteOptions): Promise<void>;
  /** True when the API server serves this type: its CRD is installed. */
  serves(type: ResourceType, options?: CallOptions): Promise<boolean>;
}

export interface RestOptions {
  readonly connection: Connection;
  readonly clock?: Clock;
  /** Called with what the server says in `Warning` headers. */
  readonly onWarning?: (warning: string) => void;
  /** How audit logs name who asked; the operator, if nothing is said. */
  readonly userAgent?: string;
}

const METADATA_ONLY = 'g=meta.k8s.io,v=v1';

/** The real thing. */
export class RestApi implements KubeApi {
  readonly #transport: Transport;

  constructor({ connection, clock = systemClock, onWarning = () => undefined, userAgent }: RestOptions) {
    this.#transport = new Transport(connection, clock, onWarning, userAgent);
  }

  get<T extends KubeObject>(ref: ObjectRef, options: CallOptions = {}): Promise<Stored<T>> {
    return this.#call({ method: 'GET', path: objectPath(ref), ...options });
  }

  async list<T extends KubeObject>(type: ResourceType, options: ListOptions = {}): Promise<KubeList<T>> {
    const { resourceVersion, limit, continue: token } = options;
    const list = await this.#call<KubeList<T>>({
      ...selectionCall(type, options),
      query: { ...selectionQuery(options), resourceVersion, limit, continue: token },
      ...(options.metadataOnly ? { accept: `application/json;as=PartialObjectMetadataList;${METADATA_ONLY}` } : {}),
    });
    // The items of a list come without their kind.
    const typed = { apiVersion: apiVersionOf(type), kind: type.kind };
    return { ...list, items: list.items.map((item) => ({ ...item, ...typed })) };
  }

  async *watch<T extends KubeObject>(type: ResourceType, options: WatchOptions): AsyncGenerator<WatchEvent<T>> {
    const { resourceVersion, timeoutSeconds, idleMs, onOpen } = options;
    const call: Call = {
      ...selectionCall(type, options),
      query: { ...selectionQuery(options), resourceVersion, timeoutSeconds, watch: true, allowWatchBookmarks: true },
      ...(options.metadataOnly ? { accept: `application/json;as=PartialObjectMetadata;${METADATA_ONLY}` } : {}),
    };
    const typed = { apiVersion: apiVersionOf(type), kind: type.kind };
    for await (const line of linesOf(this.#transport.stream(call, { idleMs, onOpen }))) {
      const event = JSON.parse(line) as WatchEvent<T> | { readonly type: 'ERROR'; readonly object: Status };
      if (event.type === 'ERROR') throw errorFromStatus(`watch ${call.path}`, event.object, event.object.code ?? 500);
      yield { type: event.type, object: { ...event.object, ...typed } };
    }
  }

  create<T extends KubeObject>(object: T, options: WriteOptions = {}): Promise<Stored<T>> {
    const ref = refOf(object);
    return this.#write({ method: 'POST', path: collectionPath(ref.type, ref.namespace), body: object }, options);
  }

  replace<T extends KubeObject>(object: T, options: WriteOptions = {}): Promise<Stored<T>> {
    return this.#write({ method: 'PUT', path: objectPath(refOf(object)), body: object }, options);
  }

  apply<T extends KubeObject>(object: T, options: ApplyOptions): Promise<Stored<T>> {
    return this.#apply(objectPath(refOf(object)), object, options);
  }

  patch<T extends KubeObject>(ref: ObjectRef, patch: unknown, options: WriteOptions = {}): Promise<Stored<T>> {
    const contentType = `application/${Array.isArray(patch) ? 'json-patch' : 'merge-patch'}+json`;
    return this.#write({ method: 'PATCH', path: objectPath(ref), body: patch, contentType }, options);
  }

  patchStatus<T extends KubeObject>(ref: ObjectRef, status: unknown, options: StatusOptions): Promise<Stored<T>> {
    const { type, name, namespace } = ref;
    const { resourceVersion } = options;
    const body = {
      apiVersion: apiVersionOf(type),
      kind: type.kind,
      metadata: { name, namespace, resourceVersion },
      status,
    };
    return this.#apply(objectPath(ref, 'status'), body, { ...options, force: true });
  }

  async delete(ref: ObjectRef, options: DeleteOptions = {}): Promise<void> {
    const { uid, resourceVersion, propagation, gracePeriodSeconds, dryRun, signal, timeoutMs } = options;
    const body = {
      apiVersion: 'v1',
      kind: 'DeleteOptions',
      preconditions: { uid, resourceVersion },
      propagationPolicy: propagation,
      gracePeriodSeconds,
      dryRun: dryRun ? ['All'] : undefined,
    };
    await this.#call({ method: 'DELETE', path: objectPath(ref), body, signal, timeoutMs });
  }

  async serves(type: ResourceType, options: CallOptions = {}): Promise<boolean> {
    try {
      const answer = await this.#call<{ resources: { name: string }[] }>({
        method: 'GET',
        path: groupPath(type),
        ...options,
      });
      return answer.resources.some(({ name }) => name === type.plural);
    } catch (error) {
      if (error instanceof NotServed) return false;
      throw error;
    }
  }

  #apply<T extends KubeObject>(path: string, body: unknown, options: ApplyOptions): Promise<Stored<T>> {
    const { force } = options;
    // The server reads YAML here, and JSON is YAML.
    const contentType = 'application/apply-patch+yaml';
    return this.#write({ method: 'PATCH', path, body, contentType, query: { force: force || undefined } }, options);
  }

  #write<T>(call: Call, { dryRun, fieldManager, signal, timeoutMs }: WriteOptions): Promise<T> {
    // Strict: a field that the server would drop in silence is an error, as a typo in a manifest should be.
    const query = { ...call.query, fieldManager, fieldValidation: 'Strict', dryRun: dryRun ? 'All' : undefined };
    return this.#call({ ...call, query, signal, timeoutMs });
  }

  #call<T>(call: Call): Promise<T> {
    return this.#transport.json(call) as Promise<T>;
  }
}

function selectionCall(type: ResourceType, { namespace, signal, timeoutMs }: Selection & CallOptions): Call {
  return { method: 'GET', path: collectionPath(type, namespace), signal, timeoutMs };
}

function selectionQuery({ labelSelector, fieldSelector }: Selection): Call['query'] {
  return { labelSelector, fieldSelector };
}
