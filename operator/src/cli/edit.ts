import {
  type Connections,
  connectionBudget,
  type MemoryLine,
  memoryBudget,
  paymentConnectionBudget,
  readSpec,
  type SpecConfig,
  specFields,
  valueAt,
  withValueAt,
} from '@bundler/contract';
import { planOf } from '../controllers/plan.ts';
import { type Facts, type Manifest, render } from '../render/index.ts';
import type { PlanStatus } from '../status/types.ts';
import { UsageError } from './command.ts';

/** One field of the spec that an edit moves, and how it takes effect. */
export interface FieldChange {
  readonly path: string;
  readonly from: unknown;
  readonly to: unknown;
  readonly applies: 'live' | 'restart' | 'cluster';
}

export interface Budget {
  readonly connections: Connections;
  /** Those of the payment database, where there is one. */
  readonly paymentConnections: Connections | undefined;
  readonly memory: readonly MemoryLine[];
}

/** What an edit would do, as far as a spec alone says. */
export interface EditPlan extends Omit<PlanStatus, 'generation' | 'connectionBudget'> {
  readonly fields: readonly FieldChange[];
  /** Of what runs; undefined where nothing does, or what does cannot be read. */
  readonly before: Budget | undefined;
  readonly after: Budget;
}

/** A spec as it is rendered, with the image for one that names none. */
export interface Side {
  readonly spec: unknown;
  readonly image: string;
}

/**
 * Compares two specs by what the operator would render of them.
 *
 * @param facts the same for both: only what the edit moves may differ. Digests of Secrets are not needed, for an edit
 *   of the spec does not move them.
 */
export function planEdit(now: Side | undefined, wanted: Side, facts: Omit<Facts, 'image'>): EditPlan {
  const before = now && readSpec(now.spec, 'cluster');
  const after = readSpec(wanted.spec, 'cluster');
  const runs = before?.violations.length === 0 ? before.config : undefined;
  const usable = after.violations.length === 0;
  const renderOf = (config: SpecConfig, { image }: Side): Manifest[] => render(config, { ...facts, image });
  const { adds, changes, deletes, restarts, problems } = planOf(
    facts.generation,
    runs && now ? renderOf(runs, now) : [],
    { ...after, manifests: usable ? renderOf(after.config, wanted) : [] },
  );
  return {
    adds,
    changes,
    deletes,
    restarts,
    problems,
    fields: fieldChanges(before?.config, after.config),
    before: runs && budgetOf(runs),
    after: budgetOf(after.config),
  };
}

/** What a spec's pods could hold and need. */
export function budgetOf(config: SpecConfig): Budget {
  const { available, possible, lines } = connectionBudget(config);
  return {
    connections: { available, possible, lines },
    paymentConnections: paymentConnectionBudget(config),
    memory: memoryBudget(config),
  };
}

/** Every field in which two specs differ, defaults spelled out. */
export function fieldChanges(before: SpecConfig | undefined, after: SpecConfig): FieldChange[] {
  return specFields.flatMap(([name, { path, kind, applies }]) => {
    const inSpec = (config: SpecConfig | undefined): unknown => {
      const value: unknown = config?.[name];
      return value === undefined ? undefined : (kind.toSpec as (value: unknown) => unknown)(value);
    };
    const [from, to] = [inSpec(before), inSpec(after)];
    return JSON.stringify(from) === JSON.stringify(to) ? [] : [{ path, from, to, applies }];
  });
}

/**
 * A spec with the values of `path=value` put in. A value is read as JSON where it is some, else as text.
 * @throws UsageError
 */
export function withSettings(spec: unknown, assignments: readonly string[]): unknown {
  return assignments.reduce<unknown>((edited, assignment) => {
    const at = assignment.indexOf('=');
    if (at < 1) throw new UsageError(`--set takes path=value, such as database.pool.max=55, but got "${assignment}"`);
    const [path, text] = [assignment.slice(0, at).replace(/^spec\./, ''), assignment.slice(at + 1)];
    const known = specFields.some(([, field]) => field.path === path);
    if (!known)
      throw new UsageError(`--set: no field of the spec is called "${path}"; see kubectl explain bundlerconfig.spec`);
    return withValueAt(edited, path, parsed(text));
  }, spec);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

/** The spec of a revision, and of the spec in force what says how the operator goes about things. */
export function rolledBackSpec(revisionSpec: unknown, current: unknown): unknown {
  return ['suspend', 'deletionPolicy', 'rollout.onFailure'].reduce<unknown>((spec, path) => {
    const value = valueAt(current, path);
    return value === undefined ? spec : withValueAt(spec, path, value);
  }, revisionSpec);
}
