import { createHash } from 'node:crypto';
import type { Secret } from '../apply/secrets.ts';
import { type KubeApi, orUndefined, resources } from '../kube/index.ts';
import type { Clock } from '../runtime/clock.ts';

interface Known {
  readonly readAt: number;
  readonly secret: Secret | undefined;
}

/**
 * What has to be known of Secrets: which keys they have, and whether a value moved. They are read one by one, by the names
 * that specs give: to watch them would take the right to read every Secret of the namespace. No value stays in memory.
 */
export class SecretOutlines {
  readonly #api: Pick<KubeApi, 'get'>;
  readonly #clock: Clock;
  readonly #believedMs: number;
  readonly #known = new Map<string, Known>();

  /** @param believedMs how long what is known of a Secret is believed: a rotation is noticed within this time */
  constructor(api: Pick<KubeApi, 'get'>, clock: Clock, believedMs: number) {
    this.#api = api;
    this.#clock = clock;
    this.#believedMs = believedMs;
  }

  /** The Secrets of these names, with a hash in the place of each value; undefined for one that does not exist. */
  async read(namespace: string, names: Iterable<string>): Promise<Map<string, Secret | undefined>> {
    this.#forgetOld();
    const wanted = [...new Set(names)];
    const found = await Promise.all(wanted.map((name) => this.#read(namespace, name)));
    return new Map(wanted.map((name, index) => [name, found[index]]));
  }

  /** What is not believed any more is read anew, or nobody needs it: BundlerConfigs come and go. */
  #forgetOld(): void {
    const now = this.#clock.now();
    for (const [key, { readAt }] of this.#known) if (now - readAt >= this.#believedMs) this.#known.delete(key);
  }

  async #read(namespace: string, name: string): Promise<Secret | undefined> {
    const key = `${namespace}/${name}`;
    const known = this.#known.get(key);
    // One that is missing is looked for each time: somebody is about to create it.
    if (known?.secret) return known.secret;
    const secret = await orUndefined(this.#api.get<Secret>({ type: resources.secrets, namespace, name }));
    const outline = secret && outlineOf(secret);
    this.#known.set(key, { readAt: this.#clock.now(), secret: outline });
    return outline;
  }

  /** Secrets that are kept in memory, as outlines. */
  get size(): number {
    return this.#known.size;
  }
}

function outlineOf({ apiVersion, kind, metadata: { name, namespace = '' }, data = {} }: Secret): Secret {
  const hashes = Object.entries(data).map(([key, value]) => [key, createHash('sha256').update(value).digest('hex')]);
  return { apiVersion, kind, metadata: { name, namespace }, data: Object.fromEntries(hashes) };
}
