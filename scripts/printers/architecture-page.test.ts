import { globSync, readFileSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { kebabName, type QueueName, queueNames, queues } from '@bundler/contract';
import { queueDiagram } from './architecture-page.ts';

const stages = fileURLToPath(new URL('../../services/workers/src/stages/', import.meta.url));

/** The sources of a queue's stage, its tests left out. */
function sourcesOf(queue: QueueName): string {
  const path = stages + kebabName(queue);
  const isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
  const files = isFolder ? globSync(`${path}/**/*.ts`) : [`${path}.ts`];
  return files
    .filter((file) => !file.endsWith('.test.ts'))
    .map((file) => readFileSync(file, 'utf8'))
    .join('\n');
}

describe('the drawing of the queues', () => {
  it.each(queueNames)('has an arrow for each queue that %s adds jobs to by its name', (queue) => {
    const added = [...sourcesOf(queue).matchAll(/jobs\.add\('(\w+)'/g)].map(([, name]) => name);
    expect(queues[queue].feeds).toEqual(expect.arrayContaining(added));
  });

  it('shows every queue that an item can meet, none of them without a way in', () => {
    const diagram = queueDiagram();
    for (const queue of queueNames.filter((name) => name !== 'redrive' && name !== 'cleanup')) {
      expect(diagram).toMatch(new RegExp(`(--> ${queue}$|  ${queue}\\(\\[)`, 'm'));
    }
  });

  it('refuses an arrow to a queue that does not exist', () => {
    expect(() => queueDiagram({ plan: { ...queues.plan, feeds: ['nowhere'] } })).toThrow('feeds "nowhere"');
  });
});
