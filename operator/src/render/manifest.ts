/** The parts of Kubernetes objects that are rendered, as plain JSON (fields: Kubernetes API reference; KEDA and Prometheus operator for theirs). */
export interface Metadata {
  readonly name: string;
  readonly namespace: string;
  readonly labels: Labels;
  readonly annotations?: Labels;
}

export type Labels = Readonly<Record<string, string>>;

/** A part whose fields nobody reads here. */
export type Part = Readonly<Record<string, unknown>>;

export interface SecretKeyRef {
  readonly name: string;
  readonly key: string;
}

export type EnvVar =
  | { readonly name: string; readonly value: string }
  | { readonly name: string; readonly valueFrom: { readonly secretKeyRef: SecretKeyRef } };

export interface Probe {
  readonly httpGet: { readonly path: string; readonly port: string };
  readonly periodSeconds: number;
  readonly timeoutSeconds: number;
  readonly failureThreshold: number;
}

export interface ContainerPort {
  readonly name: string;
  readonly containerPort: number;
}

export interface Container {
  readonly name: string;
  readonly image: string;
  readonly imagePullPolicy?: string;
  readonly command: readonly string[];
  readonly env: readonly EnvVar[];
  readonly ports?: readonly ContainerPort[];
  readonly startupProbe?: Probe;
  readonly livenessProbe?: Probe;
  readonly readinessProbe?: Probe;
  readonly resources?: Part;
  readonly securityContext: Part;
  readonly volumeMounts?: readonly Part[];
}

export interface PodSpec {
  readonly terminationGracePeriodSeconds: number;
  readonly securityContext: Part;
  readonly containers: readonly [Container];
  readonly volumes?: readonly Part[];
  readonly [field: string]: unknown;
}

/** The container of a program that runs until it is told to stop. */
export type ServingContainer = Container &
  Required<Pick<Container, 'ports' | 'startupProbe' | 'livenessProbe' | 'readinessProbe'>>;

export interface PodTemplate<C extends Container = Container> {
  readonly metadata: { readonly labels: Labels; readonly annotations: Labels };
  readonly spec: PodSpec & { readonly containers: readonly [C] };
}

export interface Deployment {
  readonly apiVersion: 'apps/v1';
  readonly kind: 'Deployment';
  readonly metadata: Metadata;
  readonly spec: {
    /** Absent where an autoscaler owns the number. */
    readonly replicas?: number;
    readonly minReadySeconds?: number;
    readonly progressDeadlineSeconds?: number;
    readonly revisionHistoryLimit?: number;
    readonly selector: { readonly matchLabels: Labels };
    readonly strategy: Part;
    readonly template: PodTemplate<ServingContainer>;
  };
}

export interface Job {
  readonly apiVersion: 'batch/v1';
  readonly kind: 'Job';
  readonly metadata: Metadata;
  readonly spec: {
    readonly backoffLimit: number;
    readonly ttlSecondsAfterFinished: number;
    readonly template: PodTemplate;
  };
}

export interface Service {
  readonly apiVersion: 'v1';
  readonly kind: 'Service';
  readonly metadata: Metadata;
  readonly spec: {
    readonly type?: string;
    readonly selector: Labels;
    readonly ports: readonly { readonly name: string; readonly port: number; readonly targetPort: string }[];
  };
}

export interface ConfigMap {
  readonly apiVersion: 'v1';
  readonly kind: 'ConfigMap';
  readonly metadata: Metadata;
  readonly data: Readonly<Record<string, string>>;
}

export interface ServiceAccount {
  readonly apiVersion: 'v1';
  readonly kind: 'ServiceAccount';
  readonly metadata: Metadata;
  readonly automountServiceAccountToken: boolean;
}

interface WithSpec<ApiVersion extends string, Kind extends string> {
  readonly apiVersion: ApiVersion;
  readonly kind: Kind;
  readonly metadata: Metadata;
  readonly spec: Part;
}

export type HorizontalPodAutoscaler = WithSpec<'autoscaling/v2', 'HorizontalPodAutoscaler'>;
export type NetworkPolicy = WithSpec<'networking.k8s.io/v1', 'NetworkPolicy'>;
export type PodDisruptionBudget = WithSpec<'policy/v1', 'PodDisruptionBudget'>;
export type PodMonitor = WithSpec<'monitoring.coreos.com/v1', 'PodMonitor'>;
export type ScaledObject = WithSpec<'keda.sh/v1alpha1', 'ScaledObject'>;
export type TriggerAuthentication = WithSpec<'keda.sh/v1alpha1', 'TriggerAuthentication'>;

export type Manifest =
  | ConfigMap
  | Deployment
  | HorizontalPodAutoscaler
  | Job
  | NetworkPolicy
  | PodDisruptionBudget
  | PodMonitor
  | ScaledObject
  | Service
  | ServiceAccount
  | TriggerAuthentication;
