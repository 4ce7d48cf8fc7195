import { OPERATOR, PLATFORM, type Proof } from '../kit/context.ts';
import { until } from '../kit/until.ts';

/** Everything that either chart or the operator may have made. */
const KINDS = [
  'deployments,statefulsets,jobs,pods,services,configmaps,secrets,serviceaccounts,roles,rolebindings',
  'horizontalpodautoscalers,poddisruptionbudgets,networkpolicies,controllerrevisions,leases',
  'scaledobjects.keda.sh,triggerauthentications.keda.sh,bundlerconfigs.bundler.permaweb.dev',
].join(',');
const CLUSTER_KINDS = 'clusterroles,clusterrolebindings,validatingadmissionpolicies,validatingadmissionpolicybindings';

/** What Kubernetes puts into every namespace. */
const givens = new Set(['ConfigMap/kube-root-ca.crt', 'ServiceAccount/default']);

export const uninstall: Proof = {
  title: 'helm uninstall leaves nothing but the CRD',
  async run({ helm, kubectl, operator, platform }) {
    await platform.disconnect();
    await helm.uninstall(PLATFORM, kubectl.namespace);
    const left = async (where: typeof kubectl) => {
      const objects = await where.list(KINDS);
      return objects.map(({ kind, metadata }) => `${kind}/${metadata.name}`).filter((name) => !givens.has(name));
    };
    let names: string[] = [];
    await until('the platform is gone', 120, async () => {
      names = await left(kubectl);
      return names.length === 0;
    }).catch((error: Error) => {
      throw new Error(`${error.message}; left: ${names.join(', ')}`);
    });
    await helm.uninstall(OPERATOR, operator.namespace);
    await until('the operator is gone', 60, async () => {
      names = await left(operator);
      return names.length === 0;
    }).catch((error: Error) => {
      throw new Error(`${error.message}; left: ${names.join(', ')}`);
    });
    const cluster = await kubectl.list(CLUSTER_KINDS, `app.kubernetes.io/instance=${OPERATOR}`);
    if (cluster.length > 0) throw new Error(`left: ${cluster.map(({ metadata }) => metadata.name).join(', ')}`);
    await kubectl.get('customresourcedefinition', 'bundlerconfigs.bundler.permaweb.dev');
    return 'both namespaces are empty, nothing cluster-wide is left, the CRD is';
  },
};
