import type { SpecConfig } from '@bundler/contract';
import type { Facts } from './facts.ts';
import { metadata, selectorLabels } from './labels.ts';
import type { Service } from './manifest.ts';
import { HTTP_PORT, UPLOAD_COMPONENT, uploadName } from './names.ts';

/** The address of a component inside the cluster. The admin port is left out: it is for probes and scrapes only. */
export function clusterService(name: string, component: string, port: number, facts: Facts): Service {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: metadata(facts, name, component),
    spec: {
      type: 'ClusterIP',
      selector: selectorLabels(facts.name, component),
      ports: [{ name: HTTP_PORT, port, targetPort: HTTP_PORT }],
    },
  };
}

/** The upload API's address, of the type and with the annotations that the spec wants. */
export function uploadService(config: SpecConfig, facts: Facts): Service {
  const { spec, ...service } = clusterService(uploadName(facts.name), UPLOAD_COMPONENT, config.uploadPort, facts);
  return {
    ...service,
    metadata: metadata(facts, uploadName(facts.name), UPLOAD_COMPONENT, config.uploadServiceAnnotations),
    spec: { ...spec, type: config.uploadServiceType },
  };
}
