import { kebabName, type QueueName, queueNames } from '@bundler/contract';
import { type Arguments, type Command, type Context, FIELD_MANAGER, printJson, UsageError } from '../command.ts';
import { readConfig, refOfConfig } from '../platform.ts';

const details = `Without a queue: spec.suspend, which stops the operator from changing anything; pods and autoscalers go on as they are.
With queues: workers.<queue>.paused, a live setting. Queues: ${queueNames.map(kebabName).join(', ')}.`;

export const pause: Command = {
  usage: 'NAME [QUEUE...]',
  summary: 'stop the operator from changing a platform, or rest queues',
  details,
  outputs: ['text', 'json'],
  run: (context, args) => switchTo(true, context, args),
};

export const resume: Command = {
  usage: 'NAME [QUEUE...]',
  summary: 'undo pause',
  details,
  outputs: ['text', 'json'],
  run: (context, args) => switchTo(false, context, args),
};

async function switchTo(paused: boolean, context: Context, { positionals: [name, ...words] }: Arguments) {
  if (name === undefined) throw new UsageError(`${paused ? 'pause' : 'resume'} needs the name of a BundlerConfig`);
  const queues = words.map(queueOf);
  const { metadata } = await readConfig(context, name);
  const patch = patchOf(paused, queues);
  const ref = refOfConfig(context.namespace, name);
  const { metadata: written } = await context.api.patch(ref, patch, { fieldManager: FIELD_MANAGER });
  const changed = written.generation !== metadata.generation;
  if (context.output === 'json') printJson(context, { ...patch, changed, generation: written.generation });
  else context.terminal.out(`${sentence(paused, name, queues)}${changed ? '' : ' (it was so already)'}\n`);
  return 0 as const;
}

/** The merge patch that pauses or resumes. */
export function patchOf(paused: boolean, queues: readonly QueueName[]): { readonly spec: object } {
  if (queues.length === 0) return { spec: { suspend: paused } };
  return { spec: { workers: Object.fromEntries(queues.map((queue) => [queue, { paused }])) } };
}

/** A queue by either form of its name. @throws UsageError */
export function queueOf(word: string): QueueName {
  const found = queueNames.find((queue) => queue === word || kebabName(queue) === word);
  if (!found) throw new UsageError(`no queue is called "${word}"; there are ${queueNames.map(kebabName).join(', ')}`);
  return found;
}

function sentence(paused: boolean, name: string, queues: readonly QueueName[]): string {
  if (queues.length === 0) {
    return paused
      ? `${name} is suspended: the operator changes nothing and corrects nothing until "kubectl bundler resume ${name}"; pods, queues and autoscalers go on`
      : `${name} is resumed: the operator brings it to its spec again`;
  }
  const which = queues.map(kebabName).join(', ');
  return paused
    ? `${which} of ${name}: jobs in progress finish and no further ones begin, once the pods see the live setting, within about a minute`
    : `${which} of ${name}: jobs begin again, once the pods see the live setting, within about a minute`;
}
