import { integer, text } from '../../settings/kinds.ts';
import { field } from './define.ts';
import { stringMap } from './kinds.ts';
import { podTemplateFields } from './pod-template.ts';
import { resourceFields } from './resources.ts';

const Mi = 1024 ** 2;
const replicas = integer({ min: 1, max: 500 });

/** How the upload API runs in a cluster. */
export const uploadApi = {
  uploadScalingMode: field({
    path: 'upload.autoscaling.mode',
    kind: text({ values: ['CPU', 'Fixed'] }),
    default: 'CPU',
    doc: 'CPU lets a HorizontalPodAutoscaler choose the number of pods; Fixed keeps upload.replicas of them.',
  }),
  uploadMinReplicas: field({
    path: 'upload.autoscaling.minReplicas',
    kind: replicas,
    default: 2,
    doc: 'Least pods of the upload API.',
  }),
  uploadMaxReplicas: field({
    path: 'upload.autoscaling.maxReplicas',
    kind: replicas,
    default: 4,
    doc: 'Most pods of the upload API. Each may hold database.pool.max connections, and one more pod runs during a rollout.',
  }),
  uploadTargetCpu: field({
    path: 'upload.autoscaling.targetCPUUtilizationPercentage',
    kind: integer({ min: 10, max: 100 }),
    default: 70,
    doc: 'Average CPU, as a part of what the pods are promised, that the autoscaler aims at.',
  }),
  uploadServiceType: field({
    path: 'upload.service.type',
    kind: text({ values: ['ClusterIP', 'NodePort', 'LoadBalancer'] }),
    default: 'ClusterIP',
    doc: "Type of the upload API's Service. Keep upload.timeouts.keepAlive above the idle time of a load balancer.",
  }),
  uploadServiceAnnotations: field({
    path: 'upload.service.annotations',
    kind: stringMap(),
    default: {},
    doc: "Annotations of the upload API's Service.",
  }),
  ...resourceFields('upload', 'upload', {
    cpuRequest: 500,
    memoryRequest: 512 * Mi,
    memoryLimit: 1024 * Mi,
  }),
  ...podTemplateFields('uploadPod', 'upload.podTemplate', "the upload API's pods"),
};
