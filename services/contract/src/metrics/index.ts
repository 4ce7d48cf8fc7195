import { arweaveMetrics } from './arweave.ts';
import { breakerMetrics } from './breaker.ts';
import type { MetricDefinition } from './define.ts';
import { httpMetrics } from './http.ts';
import { moneyMetrics, settlementMetrics } from './payment.ts';
import { aftermathMetrics, pipelineMetrics } from './pipeline.ts';
import { buildMetrics, settingsMetrics } from './process.ts';
import { jobMetrics, queueMetrics } from './queues.ts';
import { databaseMetrics, objectStoreMetrics, redisMetrics } from './stores.ts';
import { uploadMetrics } from './upload.ts';
import { x402Metrics } from './x402.ts';

export type { Component, LabelValues, MetricDefinition } from './define.ts';
export { type LegacyName, sharedNames, unmatchedNames } from './legacy.ts';
export { operatorMetrics } from './operator.ts';
export { openStates } from './pipeline.ts';
export { outcomeOfError, signatureTypeNames, type UploadOutcome, type UploadStage, uploadStages } from './upload.ts';

/** Every metric of the services, declared once: the processes register them from here, boards and alerts name them from here. */
export const metrics = {
  ...buildMetrics,
  ...settingsMetrics,
  ...httpMetrics,
  ...uploadMetrics,
  ...databaseMetrics,
  ...redisMetrics,
  ...objectStoreMetrics,
  ...breakerMetrics,
  ...queueMetrics,
  ...jobMetrics,
  ...pipelineMetrics,
  ...aftermathMetrics,
  ...settlementMetrics,
  ...moneyMetrics,
  ...x402Metrics,
  ...arweaveMetrics,
} as const satisfies Record<string, MetricDefinition>;
