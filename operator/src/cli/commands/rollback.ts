import { readSpec } from '@bundler/contract';
import type { StoredConfig } from '../../controllers/bundler-config.ts';
import { Conflict } from '../../kube/index.ts';
import { type Accepted, accepted } from '../../rollout/accepted.ts';
import { canonical, type Revision } from '../../rollout/revision.ts';
import {
  type Arguments,
  type Command,
  type Context,
  confirm,
  FIELD_MANAGER,
  printJson,
  Trouble,
  UsageError,
} from '../command.ts';
import { fieldChanges, rolledBackSpec } from '../edit.ts';
import { fieldLines } from '../plan-text.ts';
import { readConfig, readRevisions, refOfConfig } from '../platform.ts';
import { table } from '../text.ts';

export const rollback: Command = {
  usage: 'NAME [--to REVISION] [--yes]',
  summary: 'put the spec of an earlier revision back',
  details: `      --to REVISION       a revision by its name or number
      --yes               do it without asking
      --list              only list the revisions

Without --to: the newest revision that proved good and is not what the spec says now. The difference is shown first.
suspend, deletionPolicy and rollout.onFailure stay as they are.`,
  options: { to: { type: 'string' }, yes: { type: 'boolean', short: 'y' }, list: { type: 'boolean' } },
  outputs: ['text', 'json'],
  run,
};

async function run(context: Context, { positionals: [name], values }: Arguments) {
  if (name === undefined) throw new UsageError('rollback needs the name of a BundlerConfig');
  const config = await readConfig(context, name);
  const revisions = await readRevisions(context, config);
  if (values.list === true) return list(context, revisions);
  const target = targetOf(config, revisions, values.to as string | undefined);
  const spec = rolledBackSpec((target.spec as Accepted).spec, config.spec);
  const changes = fieldChanges(readSpec(config.spec, 'cluster').config, readSpec(spec, 'cluster').config);
  const { terminal, output } = context;
  if (output !== 'json') {
    terminal.out(`${name} goes back to ${target.name} (number ${target.number}, ${target.attempt.outcome}):\n`);
    terminal.out(
      `${(changes.length > 0 ? fieldLines(changes) : ['no field changes']).map((line) => `  ${line}`).join('\n')}\n`,
    );
  }
  if (values.yes !== true) await confirm(context);
  await write(context, config, spec);
  if (output === 'json') printJson(context, { revision: target.name, fields: changes });
  else terminal.out(`done; follow it with: kubectl bundler status ${name}\n`);
  return 0 as const;
}

function list(context: Context, revisions: readonly Revision[]) {
  const rows = revisions.map(({ name, number, attempt }) => [
    `${number}`,
    name,
    attempt.outcome,
    attempt.since,
    attempt.reason ?? '',
  ]);
  if (context.output === 'json') printJson(context, revisions);
  else context.terminal.out(`${table([['NUMBER', 'REVISION', 'OUTCOME', 'SINCE', 'REASON'], ...rows]).join('\n')}\n`);
  return 0 as const;
}

/** The revision to go back to. @throws Trouble */
export function targetOf(
  config: Pick<StoredConfig, 'spec'>,
  revisions: readonly Revision[],
  to: string | undefined,
): Revision {
  const newestFirst = [...revisions].sort((a, b) => b.number - a.number);
  if (to !== undefined) {
    const named = newestFirst.find(({ name, number }) => name === to || `${number}` === to);
    if (named) return named;
    const known = newestFirst.map(({ name, number }) => `${number} (${name})`).join(', ') || 'none';
    throw new Trouble(`there is no revision "${to}"; there are ${known}`);
  }
  const now = key(accepted(readSpec(config.spec, 'cluster').config, '').spec);
  const found = newestFirst.find((one) => one.attempt.outcome === 'Good' && key((one.spec as Accepted).spec) !== now);
  if (!found) throw new Trouble('there is no earlier revision that proved good; choose one of --list with --to');
  return found;
}

const key = (spec: unknown): string => JSON.stringify(canonical(spec));

/** Only if nobody has edited it since it was compared. */
async function write({ api, namespace }: Context, { metadata }: StoredConfig, spec: unknown): Promise<void> {
  const patch = [
    { op: 'replace', path: '/metadata/resourceVersion', value: metadata.resourceVersion },
    { op: 'replace', path: '/spec', value: spec },
  ];
  try {
    await api.patch(refOfConfig(namespace, metadata.name), patch, { fieldManager: FIELD_MANAGER });
  } catch (error) {
    if (error instanceof Conflict)
      throw new Trouble(`${metadata.name} was changed in the meantime; nothing was changed, try again`);
    throw error;
  }
}
