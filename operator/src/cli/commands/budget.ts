import { isOverBudget, readSpec } from '@bundler/contract';
import { type Arguments, type Command, type Context, printJson, UsageError } from '../command.ts';
import { budgetOf } from '../edit.ts';
import { budgetLines } from '../plan-text.ts';
import { readConfig } from '../platform.ts';
import { painter } from '../text.ts';

export const budget: Command = {
  usage: 'NAME',
  summary: 'database connections, those to the payment database too, and memory by component',
  details: 'Exit code 1 when the pods could hold more connections than there are.',
  outputs: ['text', 'json'],
  run,
};

async function run(context: Context, { positionals: [name] }: Arguments) {
  if (name === undefined) throw new UsageError('budget needs the name of a BundlerConfig');
  const { spec } = await readConfig(context, name);
  const found = budgetOf(readSpec(spec, 'cluster').config);
  if (context.output === 'json') printJson(context, found);
  else context.terminal.out(`${budgetLines(undefined, found, painter(context.terminal.colours)).join('\n')}\n`);
  const { connections, paymentConnections } = found;
  return [connections, ...(paymentConnections ? [paymentConnections] : [])].some(isOverBudget) ? 1 : 0;
}
