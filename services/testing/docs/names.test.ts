import { run } from '@bundler/operator/cli';
import { systemClock } from '@bundler/operator/runtime';
import { blocksOf } from './blocks.ts';
import { brokenLinks, pluginCalls, unknownNames } from './names.ts';
import { pages } from './pages.ts';

/** Decisions tell of things as they were when they were made, and the changelog as well. */
const current = pages().filter(({ path }) => !path.startsWith('docs/adr/'));
const read = (path: string): string | undefined => current.find((page) => page.path === path)?.text;

const nobody = () => Promise.reject(new Error('printing help only'));

/** What `kubectl bundler COMMAND --help` prints. @throws when there is no such command */
async function helpOf(command: string): Promise<string> {
  let said = '';
  const say = (text: string): void => void (said += text);
  const terminal = { out: say, err: say, isTty: false, colours: false, ask: undefined, read: nobody };
  const code = await run([command, '--help'], { version: '', terminal, clock: systemClock, connect: nobody });
  if (code !== 0) throw new Error(said);
  return said;
}

const hasOption = (option: string) => expect.stringMatching(new RegExp(`(^|\\s)--?${option}\\b`, 'm')) as string;

describe('the documentation', () => {
  it('names only settings, fields, metrics, alerts and files that exist', () => {
    // Those who change the code have variables of their own.
    const forUsers = current.filter(({ path }) => path !== 'CONTRIBUTING.md');
    expect(forUsers.flatMap(unknownNames)).toEqual([]);
  });

  it('has no link that leads nowhere', () => {
    expect(current.flatMap((page) => brokenLinks(page, read))).toEqual([]);
  });

  it('asks kubectl bundler for nothing that it cannot do', async () => {
    const calls = current
      .flatMap(({ path, text }) => blocksOf(path, text))
      .flatMap(({ script }) => pluginCalls(script));
    expect(calls.length).toBeGreaterThan(0);
    for (const command of new Set(calls.map((call) => call.command))) {
      const help = await helpOf(command);
      const options = calls.filter((call) => call.command === command).flatMap((call) => call.options);
      for (const option of options) expect([command, help]).toEqual([command, hasOption(option)]);
    }
  });
});

describe('what is looked for in the documentation', () => {
  const page = (text: string) => ({ path: 'docs/operator.md', text });

  it.each([
    ['`DB_POOL_MAXIMUM`', 'there is no setting DB_POOL_MAXIMUM'],
    ['| `RATE_LIMITS_ON=false` |', 'there is no setting RATE_LIMITS_ON'],
    ['`BundlerPoolFull` fires', 'there is no alert BundlerPoolFull'],
    ['`db_pool_used_size{pool="writer"}`', 'there is no metric db_pool_used_size'],
    ['`database.pool.most=3`', 'there is no field of the spec database.pool.most'],
    ['`services/upload/src/nothing.ts`', 'there is no file services/upload/src/nothing.ts'],
  ])('%s', (text, problem) => {
    expect(unknownNames(page(text))).toEqual([`docs/operator.md:1 ${problem}`]);
  });

  it('leaves alone what exists, and what is code in a fence', () => {
    const text = [
      '`DB_POOL_MAX`, `database.pool.max=80`, `database.pool`, `BundlerQueueStuck`, `BundlerConfig`, `db_pool_size{pool}`',
      '```',
      '`NO_SUCH_THING`',
      '```',
    ].join('\n');
    expect(unknownNames(page(text))).toEqual([]);
  });

  it('is a link to a file or a heading that is not there', () => {
    const problems = brokenLinks(
      page('[a](no-such-page.md) [c](#here) [d](#there) [e](https://x.example)\n\n# Here\n'),
      () => '# Here',
    );
    expect(problems).toEqual([
      'docs/operator.md:1 links to no-such-page.md, which is not there',
      'docs/operator.md:1 links to #there, but docs/operator.md has no such heading',
    ]);
  });

  it('is every command and option of the plugin', () => {
    expect(pluginCalls('kubectl bundler plan "$NAME" \\\n  --set a.b=1 -n x | head')).toEqual([
      { command: 'plan', options: ['set', 'n'] },
    ]);
  });
});
