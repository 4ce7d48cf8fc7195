import type { StoredConfig } from '../controllers/bundler-config.ts';
import { Forbidden, type KubeApi, listAll, NotFound, NotServed, type ObjectRef, resources } from '../kube/index.ts';
import { type ControllerRevision, fromControllerRevision, revisionLabels } from '../rollout/controller-revision.ts';
import type { Revision } from '../rollout/revision.ts';
import { Trouble } from './command.ts';

type Where = { readonly api: KubeApi; readonly namespace: string };

export const refOfConfig = (namespace: string, name: string): ObjectRef => ({
  type: resources.bundlerConfigs,
  namespace,
  name,
});

/** The BundlerConfig of this name. @throws Trouble when there is none */
export async function readConfig({ api, namespace }: Where, name: string): Promise<StoredConfig> {
  try {
    return await api.get<StoredConfig>(refOfConfig(namespace, name));
  } catch (error) {
    if (error instanceof NotServed) throw new Trouble(NOT_INSTALLED);
    if (error instanceof NotFound) {
      throw new Trouble(`there is no BundlerConfig "${name}" in namespace "${namespace}"; name another with -n`);
    }
    throw error;
  }
}

/** Every BundlerConfig of a namespace. */
export async function readConfigs({ api, namespace }: Where): Promise<readonly StoredConfig[]> {
  try {
    return (await listAll<StoredConfig>(api, resources.bundlerConfigs, { namespace })).items;
  } catch (error) {
    if (error instanceof NotServed) throw new Trouble(NOT_INSTALLED);
    throw error;
  }
}

const NOT_INSTALLED =
  'this cluster does not know BundlerConfigs: install the chart bundler-operator, which brings their CRD';

/** The revisions that the operator keeps of a BundlerConfig, newest first. */
export async function readRevisions({ api, namespace }: Where, config: StoredConfig): Promise<readonly Revision[]> {
  const labels = Object.entries(revisionLabels(config.metadata.name));
  const { items } = await listAll<ControllerRevision>(api, resources.controllerRevisions, {
    namespace,
    labelSelector: labels.map(([name, value]) => `${name}=${value}`).join(','),
  });
  const own = items.filter(({ metadata }) => metadata.ownerReferences?.some(({ uid }) => uid === config.metadata.uid));
  return own.map(fromControllerRevision).sort((a, b) => b.number - a.number);
}

/** undefined for what the account may not see. */
export async function ifAllowed<T>(promise: Promise<T>): Promise<T | undefined> {
  try {
    return await promise;
  } catch (error) {
    if (error instanceof Forbidden) return undefined;
    throw error;
  }
}
