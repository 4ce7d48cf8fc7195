import { remoteSuites } from '@bundler/k6/profiles';
import type { Printer } from '../printer.ts';
import {
  anyObject,
  anyObjects,
  count,
  duration,
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
import { specSchema } from './spec-schema.ts';

const reference = { repository: text(), tag: text(), digest: { type: 'string', pattern: '^(sha256:[a-f0-9]{64})?$' } };
const secretNames = listOf(object({ name: text() }));
const service = { enabled: flag(), extraEnv: anyObjects, existingClaim: text(), resources: anyObject };

const trial = object({
  enabled: flag('Brings every backing service along, one pod each.'),
  nodeSelector: texts,
  tolerations: anyObjects,
  imagePullSecrets: secretNames,
  spec: anyObject,
  postgres: object({ ...service, image: text() }),
  redis: object({ ...service, image: text(), cacheMaxMemory: text() }),
  s3: object({ ...service, image: text(), bucket: { type: 'string', pattern: '^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$' } }),
  gateway: object({ ...service, image: object(reference), blockInterval: count(0, 'Milliseconds.') }),
  wallet: object({ enabled: flag(), winston: { type: 'string', pattern: '^[0-9]{1,38}$' }, resources: anyObject }),
});

const loadTest = object({
  enabled: flag('Puts the platform under load, once for each change of these values.'),
  suite: oneOf(...remoteSuites),
  size: oneOf('short', 'full'),
  scale: { type: 'number', exclusiveMinimum: 0, maximum: 1, description: "The share of the scale plan's rates." },
  slack: { type: 'number', minimum: 1, description: 'How many times longer than the objectives things may take.' },
  image: text(),
  remoteWrite: text("URL at which a Prometheus takes k6's figures; empty for none."),
  existingClaim: text('Keeps the reports; empty: they go with the pod.'),
  podLabels: extraLabels,
  nodeSelector: texts,
  tolerations: anyObjects,
  resources: anyObject,
});

/** What may stand in the values of the platform's chart. */
export const bundlerChartSchema: Printer = {
  path: 'charts/bundler/values.schema.json',
  print: () =>
    schemaFile({
      nameOverride: objectName(30),
      image: object({
        ...reference,
        pullPolicy: oneOf('IfNotPresent', 'Always', 'Never'),
        pullSecrets: secretNames,
      }),
      extraLabels,
      extraAnnotations: texts,
      spec: specSchema(),
      test: object({ waitFor: oneOf('Accepted', 'Permanent'), timeout: duration, resources: anyObject }),
      loadTest,
      trial,
    }),
};
