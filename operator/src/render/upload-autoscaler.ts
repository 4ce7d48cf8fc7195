import type { SpecConfig } from '@bundler/contract';
import type { Facts } from './facts.ts';
import { metadata } from './labels.ts';
import type { HorizontalPodAutoscaler } from './manifest.ts';
import { UPLOAD_COMPONENT, uploadName } from './names.ts';

/** Receipts are signed, and signatures are CPU: that is what the upload API is scaled by. Up at once, down slowly. */
export function uploadAutoscaler(config: SpecConfig, facts: Facts): HorizontalPodAutoscaler {
  const name = uploadName(facts.name);
  return {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: metadata(facts, name, UPLOAD_COMPONENT),
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name },
      minReplicas: config.uploadMinReplicas,
      maxReplicas: config.uploadMaxReplicas,
      metrics: [
        {
          type: 'Resource',
          resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: config.uploadTargetCpu } },
        },
      ],
      behavior: {
        scaleUp: {
          stabilizationWindowSeconds: 0,
          selectPolicy: 'Max',
          policies: [
            { type: 'Percent', value: 100, periodSeconds: 30 },
            { type: 'Pods', value: 2, periodSeconds: 30 },
          ],
        },
        scaleDown: { stabilizationWindowSeconds: 300, policies: [{ type: 'Pods', value: 1, periodSeconds: 60 }] },
      },
    },
  };
}
