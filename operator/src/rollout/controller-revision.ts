import { type Attempt, parseAttempt, type Revision } from './revision.ts';

/** Where a ControllerRevision says what became of it, as JSON. */
export const ATTEMPT_ANNOTATION = 'bundler.permaweb.dev/rollout';

/** A ControllerRevision of apps/v1, as far as it is used. `data` never changes once it is written. */
export interface ControllerRevision {
  readonly apiVersion: 'apps/v1';
  readonly kind: 'ControllerRevision';
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations: Readonly<Record<string, string>>;
  };
  readonly revision: number;
  readonly data: { readonly spec: unknown };
}

/** The labels of Kubernetes that every revision of a BundlerConfig carries. */
export function revisionLabels(config: string): Record<string, string> {
  return {
    'app.kubernetes.io/name': 'bundler',
    'app.kubernetes.io/instance': config,
    'app.kubernetes.io/component': 'revision',
    'app.kubernetes.io/part-of': 'bundler',
    'app.kubernetes.io/managed-by': 'bundler-operator',
  };
}

/** The object that stores a revision. */
export function toControllerRevision(revision: Revision, config: string, namespace: string): ControllerRevision {
  return {
    apiVersion: 'apps/v1',
    kind: 'ControllerRevision',
    metadata: {
      name: revision.name,
      namespace,
      labels: revisionLabels(config),
      annotations: { [ATTEMPT_ANNOTATION]: JSON.stringify(revision.attempt) },
    },
    revision: revision.number,
    data: { spec: revision.spec },
  };
}

/** A revision whose note is gone counts as one that failed: nothing is known that would justify going back to it. */
const unknownAttempt: Attempt = {
  generation: 0,
  retry: '',
  outcome: 'Failed',
  wave: 'Base',
  since: '1970-01-01T00:00:00Z',
  reason: 'RecordLost',
  message: `the annotation ${ATTEMPT_ANNOTATION} is missing or cannot be read`,
};

/** Reads what `toControllerRevision` wrote. */
export function fromControllerRevision(object: ControllerRevision): Revision {
  return {
    name: object.metadata.name,
    number: object.revision,
    spec: object.data?.spec,
    attempt: parseAttempt(object.metadata.annotations?.[ATTEMPT_ANNOTATION]) ?? unknownAttempt,
  };
}
