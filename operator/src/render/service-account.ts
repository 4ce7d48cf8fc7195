import type { SpecConfig } from '@bundler/contract';
import type { Facts } from './facts.ts';
import { metadata } from './labels.ts';
import type { ServiceAccount } from './manifest.ts';
import { SHARED_COMPONENT, serviceAccountName } from './names.ts';

/** Who the pods are to the outside, such as a cloud's object store. In the cluster it may do nothing and has no token. */
export function serviceAccount(config: SpecConfig, facts: Facts): ServiceAccount {
  return {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: metadata(facts, serviceAccountName(facts.name), SHARED_COMPONENT, config.serviceAccountAnnotations),
    automountServiceAccountToken: false,
  };
}
