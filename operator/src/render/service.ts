import type { SpecConfig } from '@bundler/contract';
import type { Facts } from './facts.ts';
import { objectLabels, selectorLabels } from './labels.ts';
import type { Service } from './manifest.ts';
import { HTTP_PORT, uploadName } from './names.ts';
import { UPLOAD_COMPONENT } from './upload-api.ts';

/** The upload API's address inside the cluster. The admin port is left out: it is for probes and scrapes only. */
export function uploadService(config: SpecConfig, facts: Facts): Service {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      name: uploadName(facts.name),
      namespace: facts.namespace,
      labels: objectLabels(facts.name, UPLOAD_COMPONENT),
    },
    spec: {
      selector: selectorLabels(facts.name, UPLOAD_COMPONENT),
      ports: [{ name: HTTP_PORT, port: config.uploadPort, targetPort: HTTP_PORT }],
    },
  };
}
