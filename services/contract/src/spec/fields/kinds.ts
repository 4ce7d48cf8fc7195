/** Kinds of value that only a cluster has: names of its objects, its quantities, and parts handed through to its API. */
import { type TSchema, Type } from 'typebox';
import { quantityWithin, validations } from '../../settings/cel.ts';
import { InvalidValue, type Range, type SpecKind } from '../../settings/kinds.ts';
import { isObject } from '../paths.ts';

interface TextRule {
  readonly name: string;
  readonly pattern: string;
  readonly maxLength: number;
  /** What the text must be, in words that follow "must be". */
  readonly must: string;
}

/** Text of one form; empty text stands for "none". */
function formed({ name, pattern, maxLength, must }: TextRule): SpecKind<string> {
  const allowed = new RegExp(`^(${pattern})?$`);
  return {
    name,
    specSchema: Type.String({ pattern: allowed.source, maxLength }),
    bounds: '',
    fromSpec: (raw) => {
      if (typeof raw === 'string' && raw.length <= maxLength && allowed.test(raw)) return raw;
      throw new InvalidValue(`must be ${must}, but is ${JSON.stringify(raw)}`);
    },
    toSpec: (value) => value,
  };
}

/** The name of an object in the BundlerConfig's namespace. */
export const objectName = (): SpecKind<string> =>
  formed({
    name: 'object name',
    pattern: '[a-z0-9]([-a-z0-9.]*[a-z0-9])?',
    maxLength: 253,
    must: 'the name of an object: lower-case letters, digits, dashes and dots',
  });

/** A key inside a Secret. */
export const secretKey = (): SpecKind<string> =>
  formed({
    name: 'key in a Secret',
    pattern: '[-._a-zA-Z0-9]+',
    maxLength: 253,
    must: 'a key of a Secret: letters, digits, dashes, dots and underscores',
  });

/** A host name or an address. */
export const host = (): SpecKind<string> =>
  formed({
    name: 'host',
    // A colon makes an address of IPv6, of which there are two at least: one stands before a port.
    pattern: '[a-zA-Z0-9]([-a-zA-Z0-9.]*[a-zA-Z0-9])?|[0-9a-fA-F]*:[0-9a-fA-F]*:[0-9a-fA-F:.]*',
    maxLength: 253,
    must: 'a host name or address without scheme and port',
  });

export const imageRepository = (): SpecKind<string> =>
  formed({
    name: 'image repository',
    pattern: '[a-zA-Z0-9][-a-zA-Z0-9._:/]*[a-zA-Z0-9]',
    maxLength: 512,
    must: 'a repository such as registry.example.com/bundler',
  });

export const imageTag = (): SpecKind<string> =>
  formed({ name: 'image tag', pattern: '[a-zA-Z0-9_][-a-zA-Z0-9._]*', maxLength: 128, must: 'a tag such as 1.4.0' });

export const imageDigest = (): SpecKind<string> =>
  formed({
    name: 'image digest',
    pattern: 'sha256:[a-f0-9]{64}',
    maxLength: 71,
    must: 'a digest such as sha256: and 64 hexadecimal digits',
  });

/** CPU time; its value is thousandths of a core. In the spec a quantity such as `500m`, `2` or `0.5`. */
export function cpu(range: Range): SpecKind<number> {
  const show = (value: number) => (value % 1000 === 0 ? String(value / 1000) : `${value}m`);
  const read = (raw: unknown): number | undefined => {
    // A fraction must be text: the API server takes whole numbers only.
    if (typeof raw === 'number' && !Number.isInteger(raw)) return undefined;
    const match = /^([0-9]{1,6})(\.[0-9]{1,3}|m)?$/.exec(String(raw));
    if (!match) return undefined;
    const [, whole, rest] = match;
    return rest === 'm' ? Number(whole) : Math.round(Number(`${whole}${rest ?? ''}`) * 1000);
  };
  return {
    name: 'cpu',
    // A plain number is what people write for whole cores; the API server takes both where the type is left open.
    specSchema: Type.Unsafe({
      'x-kubernetes-int-or-string': true,
      pattern: '^[0-9]{1,6}(\\.[0-9]{1,3}|m)?$',
      ...validations(quantityWithin(range, show)),
    }),
    bounds: `${show(range.min)} to ${show(range.max)} cores`,
    fromSpec: (raw) => {
      const value = read(raw);
      if (value === undefined) {
        throw new InvalidValue(`must be an amount of CPU such as 500m, 2 or "0.5", but is ${JSON.stringify(raw)}`);
      }
      if (value < range.min || value > range.max) {
        throw new InvalidValue(`must be from ${show(range.min)} to ${show(range.max)}, but is ${show(value)}`);
      }
      return value;
    },
    toSpec: show,
  };
}

/** Characters of a text in a map. */
const MAX_VALUE = 4096;

/** Names with texts, such as labels. */
export function stringMap(maxProperties = 64): SpecKind<Readonly<Record<string, string>>> {
  return {
    name: 'map of texts',
    specSchema: Type.Unsafe({
      type: 'object',
      maxProperties,
      additionalProperties: { type: 'string', maxLength: MAX_VALUE },
    }),
    bounds: `at most ${maxProperties}`,
    fromSpec: (raw) => {
      if (!isObject(raw) || Object.values(raw).some((value) => typeof value !== 'string')) {
        throw new InvalidValue(`must be an object of texts, but is ${JSON.stringify(raw)}`);
      }
      if (Object.values(raw).some((value) => String(value).length > MAX_VALUE)) {
        throw new InvalidValue(`must hold texts of at most ${MAX_VALUE} characters`);
      }
      if (Object.keys(raw).length > maxProperties) {
        throw new InvalidValue(`must hold at most ${maxProperties} entries, but holds ${Object.keys(raw).length}`);
      }
      return raw as Record<string, string>;
    },
    toSpec: (value) => ({ ...value }),
  };
}

export type Passthrough = Readonly<Record<string, unknown>>;

/** Characters of the name of an entry. */
const MAX_NAME = 253;

/**
 * Objects of the Kubernetes API that are handed through as they are; `of` names their type there. Where a rule looks at
 * the name of the entries, `named` makes each have one.
 */
export function objects(
  of: string,
  { maxItems = 32, named = false } = {},
): SpecKind<readonly (Passthrough & { readonly name?: string })[]> {
  const name = { properties: { name: Type.String({ maxLength: MAX_NAME }) }, required: ['name'] };
  const item: TSchema = Type.Unsafe({
    type: 'object',
    'x-kubernetes-preserve-unknown-fields': true,
    ...(named ? name : {}),
  });
  return {
    name: `list of ${of}`,
    specSchema: Type.Array(item, { maxItems }),
    bounds: `at most ${maxItems}`,
    fromSpec: (raw) => {
      if (!Array.isArray(raw) || !raw.every(isObject)) {
        throw new InvalidValue(`must be a list of ${of}, but is ${JSON.stringify(raw)}`);
      }
      if (raw.length > maxItems) {
        throw new InvalidValue(`must hold at most ${maxItems} entries, but holds ${raw.length}`);
      }
      if (named && !raw.every((entry) => typeof entry.name === 'string' && entry.name.length <= MAX_NAME)) {
        throw new InvalidValue(`must be a list of ${of}, each with a name of at most ${MAX_NAME} characters`);
      }
      return raw;
    },
    toSpec: (value) => [...value],
  };
}

/** One object of the Kubernetes API that is handed through as it is; empty for none. */
export function object(of: string): SpecKind<Passthrough> {
  return {
    name: of,
    specSchema: Type.Unsafe({ type: 'object', 'x-kubernetes-preserve-unknown-fields': true }),
    bounds: '',
    fromSpec: (raw) => {
      if (!isObject(raw)) throw new InvalidValue(`must be an object (${of}), but is ${JSON.stringify(raw)}`);
      return raw;
    },
    toSpec: (value) => ({ ...value }),
  };
}
