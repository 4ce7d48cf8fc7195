import type { KubeObject } from '@bundler/operator/kube';
import { ownRules, type PolicyRule, watchedRules } from '@bundler/operator/rbac';
import { ask, type KubeConnection } from '../../kube/index.ts';
import type { Stage } from './stage.ts';

const group = 'rbac.authorization.k8s.io';

/** Nobody renews the token as a kubelet does, and an operator may soak for an hour and more. */
const TOKEN_SECONDS = 24 * 3600;

/** Everything that the chart allows the operator's ServiceAccount. */
export const chartRules: readonly PolicyRule[] = [...watchedRules, ...ownRules];

/** The same without one verb. */
export function without(rules: readonly PolicyRule[], resource: string, verb: string): PolicyRule[] {
  return rules.map((rule) =>
    rule.resources.includes(resource) ? { ...rule, verbs: rule.verbs.filter((given) => given !== verb) } : rule,
  );
}

/** A ServiceAccount in a stage's namespace that may do there what the rules say, and nothing anywhere else. */
export async function accountWith(
  rules: readonly PolicyRule[],
  stage: Stage,
  admin: KubeConnection,
): Promise<KubeConnection> {
  const { api, namespace } = stage;
  const metadata = { name: 'operator', namespace };
  const kept = rules.filter(({ verbs }) => verbs.length > 0);
  const objects = [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata },
    { apiVersion: `${group}/v1`, kind: 'Role', metadata, rules: kept },
    {
      apiVersion: `${group}/v1`,
      kind: 'RoleBinding',
      metadata,
      roleRef: { apiGroup: group, kind: 'Role', name: 'operator' },
      subjects: [{ kind: 'ServiceAccount', name: 'operator', namespace }],
    },
  ];
  for (const object of objects) await api.apply(object as KubeObject, { fieldManager: 'helm' });
  const { body } = await ask<{ readonly status: { readonly token: string } }>(admin, {
    method: 'POST',
    path: `/api/v1/namespaces/${namespace}/serviceaccounts/operator/token`,
    body: { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { expirationSeconds: TOKEN_SECONDS } },
  });
  return { ...admin, token: body.status.token };
}
