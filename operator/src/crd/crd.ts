import { bundlerConfigKind, specSchema } from '@bundler/contract';
import { printerColumns } from './columns.ts';
import { nameValidation, specValidations } from './rules/index.ts';
import { hoistRepeated } from './schema/hoist.ts';
import type { JsonSchema } from './schema/json-schema.ts';
import { statusSchema } from './schema/status.ts';

const [group = '', version = ''] = bundlerConfigKind.apiVersion.split('/');

/** Names of the resource in the API. */
export const bundlerConfigNames = {
  group,
  version,
  kind: bundlerConfigKind.kind,
  plural: 'bundlerconfigs',
  singular: 'bundlerconfig',
  shortNames: ['bc'],
} as const;

const { kind, plural, singular, shortNames } = bundlerConfigNames;

const { schema, validations } = hoistRepeated(specSchema as JsonSchema);

/**
 * The CustomResourceDefinition of BundlerConfig (apiextensions.k8s.io/v1). The spec and its rules are the contract's;
 * all rules stand at the spec's root, because an object with rules of its own could not have the default `{}`.
 */
export const bundlerConfigCrd = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: `${plural}.${group}` },
  spec: {
    group,
    scope: 'Namespaced',
    names: { kind, listKind: `${kind}List`, plural, singular, shortNames, categories: ['bundler'] },
    versions: [
      {
        name: version,
        served: true,
        storage: true,
        subresources: { status: {} },
        additionalPrinterColumns: printerColumns,
        schema: {
          openAPIV3Schema: {
            type: 'object',
            description: 'A bundler platform: what runs, how much of it, and with which settings.',
            required: ['spec'],
            'x-kubernetes-validations': [nameValidation],
            properties: {
              apiVersion: { type: 'string' },
              kind: { type: 'string' },
              metadata: { type: 'object' },
              spec: {
                ...schema,
                description: 'What is wanted. What is left out has the default given.',
                'x-kubernetes-validations': [...validations, ...specValidations],
              },
              status: statusSchema,
            },
          },
        },
      },
    ],
  },
};
