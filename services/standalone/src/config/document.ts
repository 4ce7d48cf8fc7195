import { bundlerConfigKind, type Violation } from '@bundler/contract';
import { parseDocument } from 'yaml';

export interface BundlerConfigDocument {
  readonly name: string;
  readonly spec: unknown;
}

/** Names become parts of file names and of Kubernetes names. */
const NAME = /^[a-z0-9]([a-z0-9-]{0,28}[a-z0-9])?$/;

/** Reads the text of a BundlerConfig file. What its spec says is for `readSpec` to judge. */
export function readDocument(text: string): { document: BundlerConfigDocument; violations: Violation[] } {
  const yaml = parseDocument(text);
  if (yaml.errors.length > 0) {
    return { document: { name: '', spec: undefined }, violations: yaml.errors.map(syntaxViolation) };
  }
  const { apiVersion, kind, metadata, spec, ...rest } = (yaml.toJS() ?? {}) as Record<string, unknown>;
  const name = (metadata as { name?: unknown } | undefined)?.name;
  const violations = [
    ...mustBe('apiVersion', apiVersion, bundlerConfigKind.apiVersion),
    ...mustBe('kind', kind, bundlerConfigKind.kind),
    ...Object.keys(rest).map((field) => ({ setting: field, message: 'is not known; settings stand below spec' })),
  ];
  if (typeof name !== 'string' || !NAME.test(name)) {
    violations.push({ setting: 'metadata.name', message: 'must be 1 to 30 lower-case letters, digits and dashes' });
  }
  return { document: { name: String(name), spec }, violations };
}

function syntaxViolation({ message, linePos }: { message: string; linePos?: readonly { line: number }[] }): Violation {
  const [firstLine = ''] = message.split('\n');
  return { setting: `line ${linePos?.[0]?.line ?? '?'}`, message: firstLine.replace(/ at line \d+.*$/, '') };
}

function mustBe(setting: string, value: unknown, expected: string): Violation[] {
  return value === expected ? [] : [{ setting, message: `must be ${expected}, but is ${JSON.stringify(value)}` }];
}
