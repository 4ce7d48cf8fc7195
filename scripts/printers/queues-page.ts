import { envName, formatDuration, kebabName, type QueueDefinition, queues } from '@bundler/contract';
import { code, page, table } from './markdown.ts';
import type { Printer } from './printer.ts';

const introduction = `Every queue, in the order in which an item meets them. The name is BullMQ's and the label in
metrics; in Kubernetes it is written as the object name says. *Tries* are those of one job: what still fails then
stays in PostgreSQL, and \`redrive\` adds it again.`;

const header = [
  'Queue',
  'Object name',
  'What it does',
  'Jobs at once',
  'Memory of a job',
  'Tries',
  'First wait',
  'Lock',
  'Deep from',
];

/** The reference page of all queues. */
export const queuesPage: Printer = {
  path: 'docs/reference/queues.md',
  print: () => {
    const all: readonly QueueDefinition<never>[] = Object.values(queues);
    const payloads = all.flatMap(({ name, payload }) => [
      `### ${name}`,
      `\`\`\`json\n${JSON.stringify(payload, null, 2)}\n\`\`\``,
    ]);
    const parts = [table(header, all.map(row)), '## Payloads', 'JSON Schema of what one job carries.', ...payloads];
    return page('services/contract/src/queues', 'Queues', introduction, parts);
  },
};

function row(queue: QueueDefinition<never>): string[] {
  return [
    code(queue.name),
    code(kebabName(queue.name)),
    queue.doc,
    `${queue.concurrency} (${code(`${envName(queue.name)}_WORKER_CONCURRENCY`)})`,
    `${queue.memoryPerJob / 1e6} MB`,
    String(queue.attempts),
    formatDuration(queue.backoffMs),
    formatDuration(queue.lockMs),
    String(queue.maxDepth),
  ];
}
