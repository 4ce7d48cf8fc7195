/**
 * The kinds of value a setting may have. Each kind knows three forms of the same value:
 * the one a process computes with (`Value`), the one in an environment variable (text) and the one
 * in `BundlerConfig.spec` (what a person edits: `10s`, `100Mi`).
 */
import { type TSchema, Type } from 'typebox';
import { durationWithin, quantityWithin, validations } from './cel.ts';
import { formatBytes, formatDuration, parseBytes, parseDuration } from './units.ts';

/** A kind of value that stands in a spec only. */
export interface SpecKind<Value> {
  readonly name: string;
  /** JSON schema of the value inside `BundlerConfig.spec`. */
  readonly specSchema: TSchema;
  /** Bounds and allowed values, as a reader of the docs wants them. */
  readonly bounds: string;
  fromSpec(raw: unknown): Value;
  toSpec(value: Value): unknown;
}

export interface Kind<Value> extends SpecKind<Value> {
  fromEnv(text: string): Value;
  toEnv(value: Value): string;
}

/** What is wrong with a value, in words that follow "DB_POOL_MAX ". */
export class InvalidValue extends Error {}

function within(value: number, range: Range, show: (n: number) => string = String): number {
  if (value < range.min || value > range.max) {
    throw new InvalidValue(`must be from ${show(range.min)} to ${show(range.max)}, but is ${show(value)}`);
  }
  return value;
}

export interface Range {
  readonly min: number;
  readonly max: number;
}

const describe = (range: Range, show: (n: number) => string = String): string =>
  `${show(range.min)} to ${show(range.max)}`;

/** A whole number. */
export function integer(range: Range): Kind<number> {
  const read = (value: unknown, raw = value): number => {
    if (typeof value !== 'number' || !Number.isSafeInteger(value)) {
      throw new InvalidValue(`must be a whole number, but is ${JSON.stringify(raw)}`);
    }
    return within(value, range);
  };
  return {
    name: 'integer',
    specSchema: Type.Integer({ minimum: range.min, maximum: range.max }),
    bounds: describe(range),
    fromEnv: (text) => read(text.trim() === '' ? text : Number(text), text),
    toEnv: String,
    fromSpec: (raw) => read(raw),
    toSpec: (value) => value,
  };
}

/** true or false. */
export function boolean(): Kind<boolean> {
  const refuse = (raw: unknown): never => {
    throw new InvalidValue(`must be true or false, but is ${JSON.stringify(raw)}`);
  };
  const words = new Map([
    ['true', true],
    ['1', true],
    ['false', false],
    ['0', false],
  ]);
  return {
    name: 'boolean',
    specSchema: Type.Boolean(),
    bounds: 'true, false',
    fromEnv: (text) => words.get(text) ?? refuse(text),
    toEnv: String,
    fromSpec: (raw) => (typeof raw === 'boolean' ? raw : refuse(raw)),
    toSpec: (value) => value,
  };
}

/** Characters of free text, and of an entry of a list; entries of a list. */
const MAX_TEXT = 4096;
const MAX_ENTRY = 256;
const MAX_ENTRIES = 1000;

/** Free text, or one of `values`, or of a form. */
export function text<const V extends string = string>(
  options: { values?: readonly V[]; form?: EntryForm } = {},
): Kind<V> {
  const { form } = options;
  const read = (raw: unknown): V => {
    if (typeof raw !== 'string') throw new InvalidValue(`must be text, but is ${JSON.stringify(raw)}`);
    if (raw.length > MAX_TEXT)
      throw new InvalidValue(`must have at most ${MAX_TEXT} characters, but has ${raw.length}`);
    if (options.values && !options.values.includes(raw as V)) {
      throw new InvalidValue(`must be one of ${options.values.join(', ')}, but is ${JSON.stringify(raw)}`);
    }
    if (form && !isOfForm(raw, form)) throw new InvalidValue(`must be ${form.must}, but is ${JSON.stringify(raw)}`);
    return raw as V;
  };
  return {
    name: 'text',
    specSchema: options.values
      ? Type.Enum([...options.values], { type: 'string' })
      : Type.String({ maxLength: MAX_TEXT, ...(form && { pattern: form.pattern }) }),
    bounds: options.values?.join(', ') ?? form?.must ?? '',
    fromEnv: read,
    toEnv: (value) => value,
    fromSpec: read,
    toSpec: (value) => value,
  };
}

/** What a text, or each entry of a list, has to be. */
export interface EntryForm {
  /** What the API server checks. */
  readonly pattern: string;
  /** What it is called, in words that follow "must be". */
  readonly must: string;
  /** What a pattern cannot check. */
  readonly isValid?: (entry: string) => boolean;
}

/** A list of texts, each of the form that is given: comma separated in the environment. */
export function list(form?: EntryForm): Kind<readonly string[]> {
  const checked = (entries: readonly string[]): readonly string[] => {
    const wrong = form && entries.find((entry) => !isOfForm(entry, form));
    if (wrong !== undefined) throw new InvalidValue(`must hold ${form?.must} only, but holds ${JSON.stringify(wrong)}`);
    return entries;
  };
  return {
    name: 'list',
    specSchema: Type.Array(Type.String({ maxLength: MAX_ENTRY, ...(form && { pattern: form.pattern }) }), {
      maxItems: MAX_ENTRIES,
    }),
    bounds: form ? `comma separated: ${form.must}` : 'comma separated',
    fromEnv: (raw) =>
      checked(
        raw
          .split(',')
          .map((entry) => entry.trim())
          .filter((entry) => entry !== ''),
      ),
    toEnv: (value) => value.join(','),
    fromSpec: (raw) => {
      if (!Array.isArray(raw) || raw.some((entry) => typeof entry !== 'string')) {
        throw new InvalidValue(`must be a list of texts, but is ${JSON.stringify(raw)}`);
      }
      if (raw.length > MAX_ENTRIES || raw.some((entry: string) => entry.length > MAX_ENTRY)) {
        throw new InvalidValue(`must hold at most ${MAX_ENTRIES} texts of at most ${MAX_ENTRY} characters`);
      }
      return checked(raw as string[]);
    },
    toSpec: (value) => [...value],
  };
}

const isOfForm = (entry: string, { pattern, isValid }: EntryForm): boolean =>
  new RegExp(pattern).test(entry) && (isValid?.(entry) ?? true);

/** Characters of a duration. */
const MAX_DURATION = 24;
const wholeSeconds = { rule: 'duration(self).getMilliseconds() % 1000 == 0', message: 'must be whole seconds' };

/**
 * A span of time; its value is milliseconds. In the spec it is text such as `10m` (Kubernetes' GEP-2257),
 * in the environment a whole number of `unit`, because the names given there end in `_MS` or `_SECS`.
 */
export function duration(unit: 'ms' | 's', range: Range): Kind<number> {
  const factor = unit === 's' ? 1000 : 1;
  const whole = integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
  return {
    name: 'duration',
    specSchema: Type.String({
      pattern: '^([0-9]{1,8}(h|m|s|ms)){1,4}$',
      maxLength: MAX_DURATION,
      ...validations(durationWithin(range, formatDuration), ...(unit === 's' ? [wholeSeconds] : [])),
    }),
    bounds: describe(range, formatDuration),
    fromEnv: (raw) => within(whole.fromEnv(raw) * factor, range, formatDuration),
    toEnv: (value) => String(value / factor),
    fromSpec: (raw) => {
      const value = typeof raw === 'string' && raw.length <= MAX_DURATION ? parseDuration(raw) : undefined;
      if (value === undefined) {
        throw new InvalidValue(`must be a duration such as 500ms, 10s or 1h30m, but is ${JSON.stringify(raw)}`);
      }
      // The environment could not carry a fraction of its unit: the process would refuse what the spec accepted.
      if (value % factor !== 0) throw new InvalidValue(`must be whole seconds, but is ${JSON.stringify(raw)}`);
      return within(value, range, formatDuration);
    },
    toSpec: formatDuration,
  };
}

/** A number of bytes; in the spec a Kubernetes quantity such as `100Mi`, in the environment a whole number. */
export function bytes(range: Range): Kind<number> {
  const whole = integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
  return {
    name: 'bytes',
    // A plain number is what people write for bytes; the API server takes both where the type is left open.
    specSchema: Type.Unsafe({
      'x-kubernetes-int-or-string': true,
      pattern: '^[0-9]{1,16}(Ki|Mi|Gi|Ti|k|M|G|T)?$',
      ...validations(quantityWithin(range, formatBytes)),
    }),
    bounds: describe(range, formatBytes),
    fromEnv: (raw) => within(whole.fromEnv(raw), range, formatBytes),
    toEnv: String,
    fromSpec: (raw) => {
      const value = parseBytes(String(raw));
      if (value === undefined) {
        throw new InvalidValue(`must be a quantity such as 505Ki, 100Mi or 10Gi, but is ${JSON.stringify(raw)}`);
      }
      return within(value, range, formatBytes);
    },
    toSpec: formatBytes,
  };
}
