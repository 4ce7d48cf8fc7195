export { bundlerConfigCrd, bundlerConfigNames } from './crd.ts';
export { connectionBudgetPolicies } from './policy/connection-budget.ts';
