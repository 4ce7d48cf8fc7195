import { bundlerConfigCrd } from '@bundler/operator/crd';
import type { JsonSchema } from './json-schema.ts';

/** `BundlerConfig.spec` as the values of a chart: the CRD's own schema, closed, without what only an API server reads. */
export function specSchema(): JsonSchema {
  const [version] = bundlerConfigCrd.spec.versions;
  const root = JSON.parse(JSON.stringify(version?.schema.openAPIV3Schema)) as { properties: { spec: JsonSchema } };
  return closed(root.properties.spec) as JsonSchema;
}

/** Defaults are left out: a chart hands through what it is given, and the API server fills in the rest. */
const isForeign = (keyword: string): boolean => keyword.startsWith('x-kubernetes-') || keyword === 'default';

function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (schema === null || typeof schema !== 'object') return schema;
  const entries = Object.entries(schema).filter(([keyword]) => !isForeign(keyword));
  const copy = Object.fromEntries(
    entries.map(([keyword, value]) => [keyword, keyword === 'properties' ? closedProperties(value) : closed(value)]),
  );
  const open = 'x-kubernetes-preserve-unknown-fields' in schema || 'additionalProperties' in schema;
  return 'properties' in copy && !open ? { ...copy, additionalProperties: false } : copy;
}

/** A property may have the name of a keyword. */
function closedProperties(properties: unknown): unknown {
  return Object.fromEntries(Object.entries(properties as object).map(([name, value]) => [name, closed(value)]));
}
