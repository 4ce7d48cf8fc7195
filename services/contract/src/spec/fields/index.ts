import { backing } from './backing.ts';
import type { Field } from './define.ts';
import { network } from './network.ts';
import { paymentService } from './payment.ts';
import { platform } from './platform.ts';
import { podTemplateFields } from './pod-template.ts';
import { uploadApi } from './upload.ts';
import { workerPods } from './workers.ts';

export type { Applies, Field } from './define.ts';
export type { Passthrough } from './kinds.ts';
export type { PodTemplateAdditions } from './pod-template.ts';
export type { ResourceAmounts } from './resources.ts';
export type { ScalingValues } from './workers.ts';

const podTemplate = podTemplateFields('pod', 'podTemplate', 'all pods');

/** The fields that only a cluster knows, in groups in the order in which they are printed. */
export const clusterFieldGroups = {
  Platform: platform,
  'Backing services': backing,
  'Upload API': uploadApi,
  'The payment service in a cluster': paymentService,
  Workers: workerPods,
  'Every pod': podTemplate,
  'Network and monitoring': network,
} as const;

/** Every field of the spec that is not a setting. */
export const clusterFields = {
  ...platform,
  ...backing,
  ...uploadApi,
  ...paymentService,
  ...workerPods,
  ...podTemplate,
  ...network,
};

export type ClusterFields = typeof clusterFields;
export type ClusterFieldName = keyof ClusterFields;
/** The values of the fields that only a cluster knows. */
export type ClusterConfig = {
  readonly [Name in ClusterFieldName]: ClusterFields[Name] extends Field<infer Value> ? Value : never;
};
