import { isDeepStrictEqual } from 'node:util';
import { connectionBudgetPolicies } from '../../crd/index.ts';
import { type KubeApi, type KubeObject, orUndefined } from '../../kube/index.ts';
import type { ResourceType } from '../../kube/resources.ts';
import type { Check } from './check.ts';

const of = (plural: string, kind: string): ResourceType => ({
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  plural,
  kind,
  namespaced: false,
});
const types = [
  of('validatingadmissionpolicies', 'ValidatingAdmissionPolicy'),
  of('validatingadmissionpolicybindings', 'ValidatingAdmissionPolicyBinding'),
];

interface PolicyObject extends KubeObject {
  readonly spec: {
    readonly policyName?: string;
    readonly validationActions?: readonly string[];
    readonly variables?: readonly object[];
    readonly validations?: readonly { readonly expression: string }[];
  };
}

const about = 'policies';
const FIX = 'install the chart bundler-operator of this version with admissionPolicies.enabled';

/**
 * Whether the admission policies are there and bound. Without them the CRD and the operator still judge, so that
 * nothing of this is a failure.
 */
export async function examinePolicies(api: Pick<KubeApi, 'get'>): Promise<Check[]> {
  const wanted = connectionBudgetPolicies as readonly PolicyObject[];
  const found = await Promise.all(
    wanted.map(({ kind, metadata: { name } }) =>
      orUndefined(api.get<PolicyObject>({ type: types.find((type) => type.kind === kind)!, name })),
    ),
  );
  const problems = wanted.flatMap((policy, index) => troubleOf(policy, found[index]) ?? []);
  if (problems.length > 0) return [{ level: 'warn', about, message: `${problems.join('; ')}: ${FIX}` }];
  const names = wanted.filter(({ spec }) => spec.policyName === undefined).map(({ metadata }) => metadata.name);
  return [{ level: 'ok', about, message: `${names.join(', ')} are there and bound` }];
}

function troubleOf(
  { kind, metadata: { name }, spec }: PolicyObject,
  found: PolicyObject | undefined,
): string | undefined {
  const isBinding = kind === types[1]!.kind;
  if (found === undefined) return isBinding ? `${name} is not bound` : `${name} does not exist`;
  const judged = ({ policyName, validationActions, variables, validations }: PolicyObject['spec']) =>
    isBinding ? [policyName, validationActions] : [variables, validations?.map(({ expression }) => expression)];
  if (isDeepStrictEqual(judged(found.spec), judged(spec))) return undefined;
  return isBinding ? `${name} is bound in another way` : `${name} is of another version`;
}
