export * from './alerts/index.ts';
export * from './boards/index.ts';
export { external } from './external-metrics.ts';
export { alertmanagerExample } from './files/alertmanager.ts';
export * from './files/rules.ts';
export { testFile } from './files/tests.ts';
