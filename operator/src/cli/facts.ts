import { type KubeApi, resources } from '../kube/index.ts';
import type { Facts } from '../render/index.ts';

/** Where the pods of the operator find their live settings. */
const LIVE_MOUNT = '/etc/bundler/live';

/** What the renderer has to know of a cluster, asked of its API server. Contents of Secrets are not among it. */
export async function factsOf(
  api: Pick<KubeApi, 'serves'>,
  { name, namespace, generation = 0 }: { name: string; namespace: string; generation?: number | undefined },
): Promise<Omit<Facts, 'image'>> {
  const asked = ['scaledObjects', 'serviceMonitors', 'podMonitors', 'prometheusRules'] as const;
  const [keda = false, service = false, pod = false, rules = false] = await Promise.all(
    asked.map((type) => api.serves(resources[type])),
  );
  return {
    name,
    namespace,
    generation,
    platform: { env: {}, mounts: { live: LIVE_MOUNT } },
    cluster: { keda, monitors: { service, pod, rules }, secretDigests: {} },
  };
}
