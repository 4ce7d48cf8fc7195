import {
  bundlerConfigName,
  clusterRules as clusterDeclared,
  rules as settingsDeclared,
  specRules as specDeclared,
} from '@bundler/contract';
import { clusterRules } from './cluster.ts';
import type { CelRule } from './define.ts';
import { settingRules } from './settings.ts';
import { specRules } from './spec.ts';

/** A validation as it stands in the CRD. */
export interface Validation {
  readonly rule: string;
  /** What the API server answers with; unless an expression makes a message with numbers. */
  readonly message?: string;
  readonly messageExpression?: string;
  readonly fieldPath?: string;
}

/** Every rule of the contract, in its order, that the API server checks with a spec. */
export const specValidations: readonly Validation[] = [
  ...settingsDeclared.flatMap(({ name, says }) => validations(settingRules[name], name, says)),
  ...specDeclared.flatMap(({ name, says }) => validations(specRules[name], name, says)),
  ...clusterDeclared.flatMap(({ name, says }) => validations(clusterRules[name], name, says)),
];

/** What an object may be called; in the schema's root, from where its name can be seen. */
export const nameValidation: Validation = {
  rule: `self.metadata.name.matches('${bundlerConfigName.pattern}')`,
  message: `metadata.name must have at most ${bundlerConfigName.maxLength} characters, lower-case letters, digits and dashes: the names of all its objects start with it`,
};

function validations(cel: readonly CelRule[] | undefined, name: string, says: string): Validation[] {
  if (cel === undefined) throw new Error(`the rule ${name} has no CEL: the API server would accept what it refuses`);
  return cel.map(({ rule, messageExpression, fieldPath }) => ({
    rule,
    ...(messageExpression === undefined ? { message: says } : { messageExpression }),
    ...(fieldPath === undefined ? {} : { fieldPath }),
  }));
}
