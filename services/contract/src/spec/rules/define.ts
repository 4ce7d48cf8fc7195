import type { SpecConfig, SpecFieldName } from '../tree.ts';

/** What is wrong with a field's value in the light of others. */
export interface SpecViolation {
  readonly field: SpecFieldName;
  /** Words, with numbers, that follow the field's name. */
  readonly message: string;
  /** The other fields that were weighed; when the value of one is unusable, the verdict is left to that mistake. */
  readonly because?: readonly SpecFieldName[];
}

/** One rule between fields of the spec. `readSpec` checks it; the CRD says the same to the API server. */
export interface SpecRule {
  /** Names the rule, in code and in tests. */
  readonly name: string;
  /** The rule in one sentence without numbers: what an API server that can compute none says. */
  readonly says: string;
  check(config: SpecConfig): readonly SpecViolation[];
}
