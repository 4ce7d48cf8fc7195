import { TEMPLATE_HASH } from '../render/hash.ts';
import { type Difference, differences } from './differences.ts';
import { identityOf, type Rendered } from './manifest-diff.ts';

/** A Deployment whose pods would be replaced, and why in words. */
export interface Restart {
  readonly deployment: string;
  readonly reasons: readonly string[];
}

interface Template {
  readonly metadata?: { readonly annotations?: Readonly<Record<string, string>> };
}

/**
 * Which pods a change replaces: those of the Deployments whose pod template changes. New Deployments and those that go
 * restart nothing.
 */
export function restartsBetween(before: readonly Rendered[], after: readonly Rendered[]): Restart[] {
  const old = new Map(before.map((manifest) => [identityOf(manifest), templateOf(manifest)]));
  return after.flatMap((manifest) => {
    const [was, is] = [old.get(identityOf(manifest)), templateOf(manifest)];
    const reasons = was && is ? reasonsBetween(was, is) : [];
    return reasons.length > 0 ? [{ deployment: manifest.metadata.name, reasons }] : [];
  });
}

function templateOf(manifest: Rendered): Template | undefined {
  if (manifest.kind !== 'Deployment') return undefined;
  return (manifest as Rendered & { spec: { template: Template } }).spec.template;
}

function reasonsBetween(was: Template, is: Template): string[] {
  const found = differences(was, is).filter(({ path }) => !path.endsWith(TEMPLATE_HASH));
  const reasons = [...new Set(found.map(reasonOf))];
  // The hash can only move with something that it covers; should it move alone, say at least that.
  return reasons.length > 0 || hashOf(was) === hashOf(is) ? reasons : ['the pod template'];
}

const hashOf = (template: Template) => template.metadata?.annotations?.[TEMPLATE_HASH];

const PLACES: readonly [RegExp, (found: Difference, match: RegExpExecArray) => string][] = [
  [/\.env\[([^\]]+)\](.*)$/, (found, [, name, part]) => `${name} ${variable(found, part ?? '')}`],
  [/\.image$/, (found) => `image ${fromTo(found)}`],
  [/\.resources\.(requests|limits)\.(\w+)$/, (found, match) => `${match[2]} ${match[1]} ${fromTo(found)}`],
  [
    /secret-digest(?:[./](.+))?$/,
    (_, match) => `the contents of a referenced Secret${match[1] ? ` (${match[1]})` : ''}`,
  ],
  [
    /^metadata\.(labels|annotations)\.(.+)$/,
    (found, match) => `${match[1]?.slice(0, -1)} ${match[2]} ${fromTo(found)}`,
  ],
  [/^spec\.containers\[[^\]]+\]\.(.+)$/, (found, match) => `${match[1]} ${fromTo(found)}`],
  [/^spec\.(.+)$/, (found, match) => `${match[1]} ${fromTo(found)}`],
];

function reasonOf(found: Difference): string {
  for (const [pattern, words] of PLACES) {
    const match = pattern.exec(found.path);
    if (match) return words(found, match);
  }
  return `${found.path} ${fromTo(found)}`;
}

/** What happens to a variable; a value that is a reference is never looked up. */
function variable({ from, to, path }: Difference, part: string): string {
  const whole = part === '';
  if (whole && to === undefined) return 'removed';
  const value = whole ? (to as { value?: unknown }).value : to;
  const moved = !path.endsWith('.value') || from === undefined || to === undefined;
  if (value === undefined || (moved && !whole)) return 'taken from another place';
  return fromTo({ path, from, to: value });
}

function fromTo({ from, to }: Difference): string {
  if (from === undefined) return `set to ${shown(to)}`;
  if (to === undefined) return 'removed';
  return `${shown(from)} → ${shown(to)}`;
}

const MAX_SHOWN = 80;

function shown(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
}
