import type { SpecConfig } from '@bundler/contract';
import type { Facts } from './facts.ts';
import { metadata, selectorLabels } from './labels.ts';
import type { Service } from './manifest.ts';
import { HTTP_PORT, UPLOAD_COMPONENT, uploadName } from './names.ts';

/** The upload API's address inside the cluster. The admin port is left out: it is for probes and scrapes only. */
export function uploadService(config: SpecConfig, facts: Facts): Service {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: metadata(facts, uploadName(facts.name), UPLOAD_COMPONENT, config.uploadServiceAnnotations),
    spec: {
      type: config.uploadServiceType,
      selector: selectorLabels(facts.name, UPLOAD_COMPONENT),
      ports: [{ name: HTTP_PORT, port: config.uploadPort, targetPort: HTTP_PORT }],
    },
  };
}
