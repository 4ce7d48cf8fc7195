import type { Facts } from './facts.ts';
import type { Labels, Metadata } from './manifest.ts';

/** What a Deployment finds its pods by; it can never change, so it holds nothing that could. */
export function selectorLabels(instance: string, component: string): Labels {
  return { 'app.kubernetes.io/instance': instance, 'app.kubernetes.io/component': component };
}

/** The recommended labels of Kubernetes, on every object. */
export function objectLabels(instance: string, component: string): Labels {
  return {
    'app.kubernetes.io/name': 'bundler',
    ...selectorLabels(instance, component),
    'app.kubernetes.io/part-of': 'bundler',
    'app.kubernetes.io/managed-by': 'bundler-operator',
  };
}

/** The metadata of an object that belongs to one component. */
export function metadata(facts: Facts, name: string, component: string, annotations: Labels = {}): Metadata {
  return {
    name,
    namespace: facts.namespace,
    labels: objectLabels(facts.name, component),
    ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
  };
}
