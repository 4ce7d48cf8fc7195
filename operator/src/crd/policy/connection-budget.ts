import { NEARLY_FULL_PERCENT } from '@bundler/contract';
import { bundlerConfigNames } from '../crd.ts';
import { budgetBroken, connectionBudget, paymentBudgetBroken, paymentConnectionBudget } from '../rules/budget.ts';

const { group, version, plural } = bundlerConfigNames;
const budget = connectionBudget('object.spec');
const payment = paymentConnectionBudget('object.spec');

interface Validation {
  /** Must be true, or the action is taken. */
  readonly expression: string;
  readonly messageExpression: string;
}

interface Policy {
  readonly name: string;
  readonly action: 'Deny' | 'Warn';
  readonly validations: readonly Validation[];
}

const policies: readonly Policy[] = [
  {
    name: 'bundlerconfig-connection-budget',
    action: 'Deny',
    validations: [
      {
        expression: 'variables.possible <= variables.available',
        messageExpression: budget.message((terms) => `spec.database.maxConnections ${budgetBroken(terms)}`),
      },
      {
        expression: `${payment.isUnsaid} || ${payment.possible} <= ${payment.limit}`,
        messageExpression: payment.message(
          (terms) => `spec.payment.database.maxConnections ${paymentBudgetBroken(terms)}`,
        ),
      },
    ],
  },
  {
    name: 'bundlerconfig-connection-budget-nearly-full',
    action: 'Warn',
    validations: [
      {
        expression: `variables.possible > variables.available || variables.possible * 100 <= variables.available * ${NEARLY_FULL_PERCENT}`,
        messageExpression: budget.message(
          (terms) =>
            `the connection budget is nearly full: of %s connections (%s are reserved) the pods could hold %s: ${terms}`,
        ),
      },
      {
        expression: `${payment.isUnsaid} || ${payment.possible} > ${payment.limit} || (${payment.possible}) * 100 <= ${payment.limit} * ${NEARLY_FULL_PERCENT}`,
        messageExpression: payment.message(
          (terms) =>
            `the connection budget of the payment database is nearly full: of %d connections the pods could hold %d: ${terms}`,
        ),
      },
    ],
  },
];

/**
 * Admission policies about the connection budget, each with its binding: above the budget a spec is refused, near it
 * the one who applies it is warned. The CRD refuses the first by itself; the policy holds where an older CRD is kept.
 */
export const connectionBudgetPolicies = policies.flatMap((policy) => [definition(policy), binding(policy)]);

function definition({ name, validations }: Policy) {
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
      validations: validations.map((validation) => ({ ...validation, reason: 'Invalid' })),
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
