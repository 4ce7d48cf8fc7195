/** A column of `kubectl get bundlerconfigs`; those with a priority are shown with `-o wide` only. */
export interface PrinterColumn {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'date' | 'boolean';
  readonly jsonPath: string;
  readonly description: string;
  readonly priority?: number;
}

const condition = (type: string, field: string): string => `.status.conditions[?(@.type=="${type}")].${field}`;

export const printerColumns: readonly PrinterColumn[] = [
  { name: 'Ready', type: 'string', jsonPath: condition('Ready', 'status'), description: 'Whether it serves.' },
  { name: 'Revision', type: 'string', jsonPath: '.status.revision.current', description: 'What the upload API runs.' },
  {
    name: 'Workers',
    type: 'string',
    jsonPath: '.status.summary.workers',
    description: 'Worker pods that are ready, of those wanted.',
  },
  {
    name: 'Budget',
    type: 'string',
    jsonPath: '.status.summary.connections',
    description: 'Database connections that the pods could hold, of those there are.',
  },
  { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp', description: 'Time since it was made.' },
  {
    name: 'Reason',
    type: 'string',
    jsonPath: condition('Ready', 'reason'),
    description: 'Why it serves, or not.',
    priority: 1,
  },
  {
    name: 'Step',
    type: 'string',
    jsonPath: '.status.revision.step',
    description: 'Where the rollout is.',
    priority: 1,
  },
  {
    name: 'Last good',
    type: 'string',
    jsonPath: '.status.revision.lastGood',
    description: 'What the platform goes back to.',
    priority: 1,
  },
  {
    name: 'Scaling',
    type: 'string',
    jsonPath: condition('AutoscalingReady', 'reason'),
    description: 'How autoscaling goes.',
    priority: 1,
  },
  {
    name: 'Drift',
    type: 'integer',
    jsonPath: '.status.drift.corrected',
    description: 'Changes of others that were set right.',
    priority: 1,
  },
  {
    name: 'Suspended',
    type: 'boolean',
    jsonPath: '.spec.suspend',
    description: 'Whether it is left alone.',
    priority: 1,
  },
];
