import type { Owner } from '../apply/ownership.ts';
import { missingSecrets, type SecretReference, secretDigests, secretReferences } from '../apply/secrets.ts';
import { resources } from '../kube/resources.ts';
import { type Facts, type Manifest, render } from '../render/index.ts';
import { configOf } from '../rollout/accepted.ts';
import type { Revision } from '../rollout/revision.ts';
import type { Cluster } from './cluster.ts';
import type { SecretOutlines } from './secret-outlines.ts';

/** A revision as it would stand in the cluster now. */
export interface RenderedRevision {
  readonly manifests: readonly Manifest[];
  /** Secrets without which its pods could not start. */
  readonly missingSecrets: readonly string[];
}

export interface RendererOptions {
  readonly cluster: Pick<Cluster, 'installed' | 'kedaInstalled'>;
  readonly secrets: Pick<SecretOutlines, 'read'>;
  /** Variables that every pod gets, and where they find their live settings. */
  readonly platform: Facts['platform'];
}

/** A render, and what it was made from. */
interface Rendering {
  readonly madeFrom: string;
  readonly manifests: readonly Manifest[];
  readonly references: readonly SecretReference[];
}

/** Renderings that are kept of one BundlerConfig: those of the revision in force and of the one before. */
const KEPT = 2;

/** Finds out what the renderer has to know beyond a spec, and renders; what has not changed is not rendered again. */
export class RevisionRenderer {
  readonly #options: RendererOptions;
  readonly #renderings = new Map<string, Map<string, Rendering>>();

  constructor(options: RendererOptions) {
    this.#options = options;
  }

  /**
   * @param generation the generation whose live settings these are
   * @returns undefined for a revision that this version of the operator does not accept any more
   */
  async render(revision: Revision, owner: Owner, generation: number): Promise<RenderedRevision | undefined> {
    const known = this.#renderings.get(owner.uid)?.get(revision.name);
    // Which Secrets there are to know about is said by the manifests themselves.
    const references = known?.references ?? this.#references(revision, owner);
    if (!references) return undefined;
    const names = references.map(({ name }) => name);
    const secrets = await this.#options.secrets.read(owner.namespace, names);
    const missing = missingSecrets(references, secrets);
    const facts = this.#facts(owner, generation, secretDigests(references, secrets));
    const madeFrom = JSON.stringify(facts);
    if (known?.madeFrom === madeFrom) return { manifests: known.manifests, missingSecrets: missing };
    const manifests = renderWith(revision, facts);
    if (!manifests) return undefined;
    this.#keep(owner, revision, { madeFrom, manifests, references });
    return { manifests, missingSecrets: missing };
  }

  /** Forgets what is known of a BundlerConfig. */
  forget({ uid }: Pick<Owner, 'uid'>): void {
    this.#renderings.delete(uid);
  }

  #references(revision: Revision, owner: Owner): SecretReference[] | undefined {
    const manifests = renderWith(revision, this.#facts(owner, 0, {}));
    return manifests && secretReferences(manifests);
  }

  #keep({ uid }: Owner, { name }: Revision, rendering: Rendering): void {
    const ofOwner = this.#renderings.get(uid) ?? new Map<string, Rendering>();
    ofOwner.delete(name);
    ofOwner.set(name, rendering);
    for (const oldest of [...ofOwner.keys()].slice(0, -KEPT)) ofOwner.delete(oldest);
    this.#renderings.set(uid, ofOwner);
  }

  #facts({ name, namespace }: Owner, generation: number, digests: Record<string, string>): Omit<Facts, 'image'> {
    const { cluster, platform } = this.#options;
    const monitors = {
      service: cluster.installed(resources.serviceMonitors),
      pod: cluster.installed(resources.podMonitors),
      rules: cluster.installed(resources.prometheusRules),
    };
    const installed = { keda: cluster.kedaInstalled, monitors };
    return { name, namespace, generation, platform, cluster: { ...installed, secretDigests: digests } };
  }
}

function renderWith({ spec }: Revision, facts: Omit<Facts, 'image'>): Manifest[] | undefined {
  const read = configOf(spec);
  return read && render(read.config, { ...facts, image: read.image });
}
