import type { KubeObject } from '@bundler/operator/kube';

/** The API of somebody else's operator without that operator: a CRD that takes whatever it is given. */
export function customResource(group: string, version: string, kind: string, plural: string): KubeObject {
  const names = { kind, plural, singular: kind.toLowerCase() };
  const schema = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } };
  const versions = [{ name: version, served: true, storage: true, subresources: { status: {} }, schema }];
  const crd = {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}` },
    spec: { group, scope: 'Namespaced', names, versions },
  };
  return crd;
}
