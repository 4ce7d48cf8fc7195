import { atPorts, blocksOf } from './blocks.ts';

const page = (...lines: string[]): string => lines.join('\n');

describe('the commands of a page', () => {
  it('are those in fences that say who runs them, with the line of the first', () => {
    const text = page('# T', '', '```sh run', 'echo 1', 'echo 2', '```', '```sh cluster', 'kubectl get ns', '```');
    expect(blocksOf('a.md', text)).toEqual([
      { page: 'a.md', line: 4, kind: 'run', script: 'echo 1\necho 2' },
      { page: 'a.md', line: 8, kind: 'cluster', script: 'kubectl get ns' },
    ]);
  });

  it('are only read where the fence says no more than sh', () => {
    expect(blocksOf('a.md', page('```sh', 'make up', '```'))).toMatchObject([{ kind: 'parse', script: 'make up' }]);
  });

  it('stand in lists as well, and lose what they are indented by', () => {
    const text = page('1. Do:', '', '   ```sh run', '   if true; then', '     echo 1', '   fi', '   ```');
    expect(blocksOf('a.md', text)).toMatchObject([{ line: 4, script: 'if true; then\n  echo 1\nfi' }]);
  });

  it('are not those of other languages, of indented text and of fences inside of fences', () => {
    const text = page('    sh run', '```yaml', 'a: b', '```', '````markdown', '```sh run', 'false', '```', '````');
    expect(blocksOf('a.md', text)).toEqual([]);
  });

  it('are refused in a fence that nobody would run', () => {
    expect(() => blocksOf('a.md', page('```sh runs', 'true', '```'))).toThrow('a.md:1: a block is "sh run"');
    expect(() => blocksOf('a.md', page('```sh run', 'true'))).toThrow('not closed');
  });
});

it('puts the ports of a platform in the place of those of the documentation, and of no others', () => {
  const script = 'curl 127.0.0.1:3001/health 127.0.0.1:30011 10.0.0.1:3001 127.0.0.1:9090';
  expect(atPorts(script, { 3001: 4242 })).toBe(
    'curl 127.0.0.1:4242/health 127.0.0.1:30011 10.0.0.1:3001 127.0.0.1:9090',
  );
});
