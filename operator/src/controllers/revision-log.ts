import { isOwnedBy, type Owner, owned } from '../apply/ownership.ts';
import { type KubeApi, listAll, orUndefined, resources } from '../kube/index.ts';
import {
  type ControllerRevision,
  fromControllerRevision,
  revisionLabels,
  toControllerRevision,
} from '../rollout/controller-revision.ts';
import { type Revision, surplus } from '../rollout/revision.ts';

const FIELD_MANAGER = 'bundler-operator';

/**
 * The revisions of each BundlerConfig, kept as ControllerRevisions. They are read from etcd when a process first needs
 * them and not from a cache: what is decided from them must not be older than what was written. From then on nobody
 * else writes them.
 */
export class RevisionLog {
  readonly #api: KubeApi;
  readonly #known = new Map<string, readonly Revision[]>();

  constructor(api: KubeApi) {
    this.#api = api;
  }

  async history(owner: Owner): Promise<readonly Revision[]> {
    const known = this.#known.get(owner.uid);
    if (known) return known;
    const labelSelector = Object.entries(revisionLabels(owner.name))
      .map(([name, value]) => `${name}=${value}`)
      .join(',');
    const { namespace } = owner;
    const { items } = await listAll<ControllerRevision>(this.#api, resources.controllerRevisions, {
      namespace,
      labelSelector,
    });
    // An earlier BundlerConfig of this name may have left some, which are about to be collected.
    const history = items.filter((item) => isOwnedBy(item, owner)).map(fromControllerRevision);
    this.#known.set(owner.uid, history);
    return history;
  }

  /** Writes a revision down, and deletes those that nobody needs any more. */
  async record(revision: Revision, owner: Owner): Promise<readonly Revision[]> {
    const others = (await this.history(owner)).filter(({ name }) => name !== revision.name);
    const object = owned(toControllerRevision(revision, owner.name, owner.namespace), owner);
    await this.#api.apply(object, { fieldManager: FIELD_MANAGER, force: true });
    const history = [...others, revision];
    const old = surplus(history);
    for (const { name } of old) await this.#forget(name, owner.namespace);
    const kept = history.filter((entry) => !old.includes(entry));
    this.#known.set(owner.uid, kept);
    return kept;
  }

  /** Reads again next time: somebody else may have written, or the BundlerConfig is gone. */
  forget(uid: string): void {
    this.#known.delete(uid);
  }

  async #forget(name: string, namespace: string): Promise<void> {
    await orUndefined(this.#api.delete({ type: resources.controllerRevisions, namespace, name }));
  }
}
