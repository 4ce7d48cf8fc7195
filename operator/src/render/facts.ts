import type { SecretKeyRef } from './manifest.ts';

/** Where the value of a platform variable is: here, or in a Secret. */
export type PlatformValue = { readonly value: string } | { readonly secretKeyRef: SecretKeyRef };

/** What a render needs to know beyond the spec. */
export interface Facts {
  /** Name of the BundlerConfig; every object's name starts with it. */
  readonly name: string;
  readonly namespace: string;
  /** `metadata.generation` of the spec; the pods say which one they obey. */
  readonly generation: number;
  /** Image of the platform's processes, unless the spec names one. */
  readonly image: string;
  readonly platform: {
    /** Values of the settings that have no place in the spec, by environment variable; they win over what the spec implies. */
    readonly env: Readonly<Record<string, PlatformValue>>;
    readonly mounts: {
      /** Directory in which processes find the file of the live settings; empty where there is none, and they start anew for each change. */
      readonly live: string;
    };
  };
  /** What the cluster is like; absent on one machine, where nothing but processes and their files is rendered. */
  readonly cluster?: ClusterFacts;
}

export interface ClusterFacts {
  /** Whether KEDA scales, so that its objects mean something. */
  readonly keda: boolean;
  /** Which CRDs of the Prometheus operator are installed. */
  readonly monitors: { readonly service: boolean; readonly pod: boolean; readonly rules: boolean };
  /** A digest of each Secret's contents, by name; a Secret that is not known yet is absent. */
  readonly secretDigests: Readonly<Record<string, string>>;
}
