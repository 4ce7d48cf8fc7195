/**
 * A column of `kubectl get bundlerconfigs`; those with a priority are shown with `-o wide` only. Without descriptions: nothing
 * shows them, and the CRD has to stay small.
 */
export interface PrinterColumn {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'date' | 'boolean';
  readonly jsonPath: string;
  readonly priority?: number;
}

const condition = (type: string, field: string): string => `.status.conditions[?(@.type=="${type}")].${field}`;

export const printerColumns: readonly PrinterColumn[] = [
  { name: 'Ready', type: 'string', jsonPath: condition('Ready', 'status') },
  { name: 'Revision', type: 'string', jsonPath: '.status.revision.current' },
  {
    name: 'Workers',
    type: 'string',
    jsonPath: '.status.summary.workers',
  },
  {
    name: 'Budget',
    type: 'string',
    jsonPath: '.status.summary.connections',
  },
  { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
  {
    name: 'Reason',
    type: 'string',
    jsonPath: condition('Ready', 'reason'),
    priority: 1,
  },
  {
    name: 'Step',
    type: 'string',
    jsonPath: '.status.revision.step',
    priority: 1,
  },
  {
    name: 'Last good',
    type: 'string',
    jsonPath: '.status.revision.lastGood',
    priority: 1,
  },
  {
    name: 'Scaling',
    type: 'string',
    jsonPath: condition('AutoscalingReady', 'reason'),
    priority: 1,
  },
  {
    name: 'Drift',
    type: 'integer',
    jsonPath: '.status.drift.corrected',
    priority: 1,
  },
  {
    name: 'Suspended',
    type: 'boolean',
    jsonPath: '.spec.suspend',
    priority: 1,
  },
];
