export * from './alerts/index.ts';
export * from './boards/index.ts';
export { ownMetrics } from './catalogue.ts';
export { external } from './external-metrics.ts';
export { alertmanagerExample } from './files/alertmanager.ts';
export { ruleLabels } from './files/annotations.ts';
export * from './files/rules.ts';
export { testFile } from './files/tests.ts';
export { slos } from './slo/slos.ts';
