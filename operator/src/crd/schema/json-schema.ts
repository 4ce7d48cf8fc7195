/** The part of a structural schema (apiextensions.k8s.io/v1, JSONSchemaProps) that is used here. */
export interface JsonSchema {
  readonly type?: 'object' | 'array' | 'string' | 'integer' | 'boolean';
  readonly description?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly items?: JsonSchema;
  readonly required?: readonly string[];
  readonly enum?: readonly string[];
  readonly format?: 'int64' | 'date-time';
  readonly default?: unknown;
  readonly [extension: `x-kubernetes-${string}`]: unknown;
}

export const text = (description: string): JsonSchema => ({ type: 'string', description });
export const count = (description: string): JsonSchema => ({ type: 'integer', format: 'int64', description });
export const object = (description: string, properties: Readonly<Record<string, JsonSchema>>): JsonSchema => ({
  type: 'object',
  description,
  properties,
});

/** A list whose entries are told apart by one field, so that several managers can each own theirs. */
export const listBy = (
  key: string,
  description: string,
  properties: Readonly<Record<string, JsonSchema>>,
): JsonSchema => ({
  type: 'array',
  description,
  items: { type: 'object', properties, required: [key] },
  'x-kubernetes-list-type': 'map',
  'x-kubernetes-list-map-keys': [key],
});

/** A list without order or identity of its entries. */
export const list = (description: string, items: JsonSchema): JsonSchema => ({
  type: 'array',
  description,
  items,
  'x-kubernetes-list-type': 'atomic',
});
