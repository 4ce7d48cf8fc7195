import { NEARLY_FULL_PERCENT } from '@bundler/contract';
import { bundlerConfigNames } from '../crd.ts';
import { budgetBroken, connectionBudget } from '../rules/budget.ts';

const { group, version, plural } = bundlerConfigNames;
const budget = connectionBudget('object.spec');

interface Policy {
  readonly name: string;
  readonly action: 'Deny' | 'Warn';
  /** Must be true, or the action is taken. */
  readonly expression: string;
  readonly messageExpression: string;
}

const policies: readonly Policy[] = [
  {
    name: 'bundlerconfig-connection-budget',
    action: 'Deny',
    expression: 'variables.possible <= variables.available',
    messageExpression: budget.message((terms) => `spec.database.maxConnections ${budgetBroken(terms)}`),
  },
  {
    name: 'bundlerconfig-connection-budget-nearly-full',
    action: 'Warn',
    expression: `variables.possible > variables.available || variables.possible * 100 <= variables.available * ${NEARLY_FULL_PERCENT}`,
    messageExpression: budget.message(
      (terms) =>
        `the connection budget is nearly full: of %s connections (%s are reserved) the pods could hold %s: ${terms}`,
    ),
  },
];

/**
 * Admission policies about the connection budget, each with its binding: above the budget a spec is refused, near it
 * the one who applies it is warned. The CRD refuses the first by itself; the policy holds where an older CRD is kept.
 */
export const connectionBudgetPolicies = policies.flatMap((policy) => [definition(policy), binding(policy)]);

function definition({ name, expression, messageExpression }: Policy) {
  const rule = { apiGroups: [group], apiVersions: [version], operations: ['CREATE', 'UPDATE'], resources: [plural] };
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicy',
    metadata: { name },
    spec: {
      // It cannot be worked out where the CRD lacks a field that it reads: an older CRD must not make every edit impossible,
      // not even the one that helps. The CRD and the operator still judge.
      failurePolicy: 'Ignore',
      matchConstraints: { resourceRules: [rule] },
      // A spec that is there already can still be labelled, and its finalizer taken off.
      matchConditions: [{ name: 'spec-changes', expression: 'oldObject == null || object.spec != oldObject.spec' }],
      variables: [
        { name: 'available', expression: budget.available },
        { name: 'possible', expression: budget.possible },
      ],
      validations: [{ expression, messageExpression, reason: 'Invalid' }],
    },
  };
}

function binding({ name, action }: Policy) {
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicyBinding',
    metadata: { name },
    spec: { policyName: name, validationActions: [action] },
  };
}
