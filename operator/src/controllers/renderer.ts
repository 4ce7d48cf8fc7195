import type { Owner } from '../apply/ownership.ts';
import { missingSecrets, secretDigests, secretReferences } from '../apply/secrets.ts';
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
  readonly cluster: Pick<Cluster, 'installed'>;
  readonly secrets: Pick<SecretOutlines, 'read'>;
  /** Variables that every pod gets, and where they find their live settings. */
  readonly platform: Facts['platform'];
}

/** Finds out what the renderer has to know beyond a spec, and renders. */
export class RevisionRenderer {
  readonly #options: RendererOptions;

  constructor(options: RendererOptions) {
    this.#options = options;
  }

  /**
   * @param generation the generation whose live settings these are
   * @returns undefined for a revision that this version of the operator does not accept any more
   */
  async render(revision: Revision, owner: Owner, generation: number): Promise<RenderedRevision | undefined> {
    const read = configOf(revision.spec);
    if (!read) return undefined;
    const facts = (digests: Record<string, string>) => this.#facts(owner, generation, read.image, digests);
    // Which Secrets there are to know about is said by the manifests themselves.
    const references = secretReferences(render(read.config, facts({})));
    const names = references.map(({ name }) => name);
    const secrets = await this.#options.secrets.read(owner.namespace, names);
    return {
      manifests: render(read.config, facts(secretDigests(references, secrets))),
      missingSecrets: missingSecrets(references, secrets),
    };
  }

  #facts({ name, namespace }: Owner, generation: number, image: string, digests: Record<string, string>): Facts {
    const { cluster, platform } = this.#options;
    const monitors = {
      service: cluster.installed(resources.serviceMonitors),
      pod: cluster.installed(resources.podMonitors),
      rules: cluster.installed(resources.prometheusRules),
    };
    const keda = cluster.installed(resources.scaledObjects);
    return { name, namespace, generation, image, platform, cluster: { keda, monitors, secretDigests: digests } };
  }
}
