import { apiPage } from './api-page.ts';
import { architecturePage } from './architecture-page.ts';
import { bundlerChartSchema } from './charts/bundler.ts';
import { operatorChartSchema } from './charts/bundler-operator.ts';
import { loadScripts } from './charts/load-scripts.ts';
import { admissionPoliciesFile, chartCrdFile, crdFile } from './crd.ts';
import { envSample } from './env-sample.ts';
import { errorsPage } from './errors-page.ts';
import { goldenManifests } from './golden-manifests.ts';
import { loadObjectives } from './load-objectives.ts';
import { metricsPage } from './metrics-page.ts';
import { alertsPage } from './monitoring/alerts-page.ts';
import { grafanaBoards } from './monitoring/boards.ts';
import { chartRules, prometheusRules } from './monitoring/rules.ts';
import { runbooks } from './monitoring/runbooks.ts';
import { adminOpenapi, openapi, paymentOpenapi } from './openapi.ts';
import { ownRulesFile, watchedRulesFile } from './operator-rules.ts';
import type { Printer } from './printer.ts';
import { queuesPage } from './queues-page.ts';
import { settingsPage } from './settings-page.ts';

/** Every generated file. A new one is one line here, and its printer in this folder. */
export const printers: readonly Printer[] = [
  envSample,
  settingsPage,
  queuesPage,
  apiPage,
  architecturePage,
  metricsPage,
  errorsPage,
  openapi,
  loadObjectives,
  paymentOpenapi,
  adminOpenapi,
  crdFile,
  chartCrdFile,
  admissionPoliciesFile,
  watchedRulesFile,
  ownRulesFile,
  bundlerChartSchema,
  operatorChartSchema,
  loadScripts,
  ...prometheusRules,
  ...chartRules,
  ...grafanaBoards,
  alertsPage,
  ...runbooks,
  ...goldenManifests,
];
