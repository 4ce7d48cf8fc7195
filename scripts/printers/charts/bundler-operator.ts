import { ruleGroupNames } from '../monitoring/rules.ts';
import type { Printer } from '../printer.ts';
import {
  anyObject,
  anyObjects,
  count,
  extraLabels,
  flag,
  listOf,
  object,
  objectName,
  oneOf,
  schemaFile,
  text,
  texts,
} from './json-schema.ts';

const address = { type: 'string', pattern: '^https?://' };
const port = { type: 'integer', minimum: 1, maximum: 65_535 };

/** What may stand in the values of the operator's chart. */
export const operatorChartSchema: Printer = {
  path: 'charts/bundler-operator/values.schema.json',
  print: () =>
    schemaFile({
      image: object({
        repository: text(),
        tag: text(),
        digest: { type: 'string', pattern: '^(sha256:[a-f0-9]{64})?$' },
        pullPolicy: oneOf('IfNotPresent', 'Always', 'Never'),
      }),
      imagePullSecrets: listOf(object({ name: text() })),
      nameOverride: objectName(50),
      extraLabels,
      extraAnnotations: texts,
      replicas: count(0, 'One leads; the others wait with warm caches.'),
      crds: object({ enabled: flag(), keep: flag() }),
      admissionPolicies: object({ enabled: flag() }),
      watchNamespaces: { ...listOf({ ...objectName(63), minLength: 1 }), uniqueItems: true },
      platformImage: text('For BundlerConfigs that name no image.'),
      logLevel: oneOf('trace', 'debug', 'info', 'warn', 'error'),
      serviceAccount: object({ create: flag(), name: text(), annotations: texts }),
      resources: anyObject,
      podDisruptionBudget: object({ enabled: flag() }),
      networkPolicy: object({ enabled: flag(), apiServerPorts: listOf(port) }),
      serviceMonitor: object({ enabled: flag(), interval: text(), labels: texts }),
      prometheusRules: object({
        enabled: flag(),
        additionalLabels: extraLabels,
        runbookUrl: address,
        grafanaUrl: address,
        groups: object(Object.fromEntries(ruleGroupNames.map((name) => [name, flag()]))),
      }),
      dashboards: object({
        enabled: flag(),
        labels: extraLabels,
        annotations: texts,
        grafanaOperator: object({ enabled: flag(), instanceSelector: texts, folder: text() }),
      }),
      podLabels: extraLabels,
      podAnnotations: texts,
      nodeSelector: texts,
      tolerations: anyObjects,
      affinity: anyObject,
      priorityClassName: text(),
      extraEnv: anyObjects,
      extraVolumes: anyObjects,
      extraVolumeMounts: anyObjects,
    }),
};
