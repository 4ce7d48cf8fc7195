import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createMetrics } from '@bundler/runtime';
import { Blocklist } from './blocklist.ts';
import { parseBlocklist } from './parse.ts';

const [first, second, third] = ['a', 'b', 'c'].map((letter) => letter.repeat(43)) as [string, string, string];

describe('the lines of a blocklist', () => {
  it('begin with an address each; what stands behind it is for people', () => {
    expect(parseBlocklist(`# spam\n\n${first}\n  ${second}  since Monday\r\n${first}`)).toEqual([first, second]);
    expect(parseBlocklist('')).toEqual([]);
  });

  it.each(['short', `${first}!`, 'x'.repeat(129), '\u0000'.repeat(43)])(
    'are refused as %j, by their number',
    (line) => {
      expect(() => parseBlocklist(`${first}\n${line}\n`)).toThrow('line 2 does not begin with an address');
    },
  );
});

describe('a blocklist in a file', () => {
  let directory: string;
  let file: string;
  let opened: Blocklist | undefined;
  const lines: [level: string, facts: Record<string, unknown>][] = [];
  const logger = {
    info: (facts: object) => void lines.push(['info', facts as Record<string, unknown>]),
    error: (facts: object) => void lines.push(['error', facts as Record<string, unknown>]),
  } as never;
  let metrics: ReturnType<typeof createMetrics>;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'blocklist-'));
    file = join(directory, 'addresses');
    metrics = createMetrics();
    lines.length = 0;
  });
  afterEach(async () => {
    await opened?.close();
    await rm(directory, { recursive: true });
  });

  async function write(text: string): Promise<void> {
    await writeFile(`${file}.next`, text);
    await rename(`${file}.next`, file);
  }
  async function open(path = file): Promise<Blocklist> {
    // Looked at only when told to.
    opened = await Blocklist.open({ path, logger, metrics, everyMs: 3_600_000 });
    return opened;
  }
  const value = async (name: 'blocklistEntries' | 'blocklistErrors') => (await metrics[name].get()).values[0]?.value;

  it('is followed, and each change is told with what came and what went', async () => {
    await write(`${first}\n${second}\n`);
    const list = await open();
    expect(list.entries).toEqual([first, second]);
    await write(`${second}\n${third}\n`);
    await list.refresh();
    expect(list.entries).toEqual([second, third]);
    expect(lines.at(-1)).toEqual([
      'info',
      { file, entries: 2, added: { count: 1, first: [third] }, removed: { count: 1, first: [first] } },
    ]);
    expect(await value('blocklistEntries')).toBe(2);
    const { entries } = list;
    await list.refresh();
    expect(list.entries).toBe(entries);
    expect(lines).toHaveLength(2);
  });

  it('stays as it was when the file cannot be used, which is told once, and follows it when it can', async () => {
    await write(first);
    const list = await open();
    for (const spoil of [() => write(`${first}\noops\n`), () => rm(file), () => write('#'.repeat(1024 * 1024 + 1))]) {
      lines.length = 0;
      await spoil();
      await list.refresh();
      await list.refresh();
      expect(list.entries).toEqual([first]);
      expect(lines).toEqual([['error', { file, problem: expect.any(String) }]]);
    }
    expect(await value('blocklistErrors')).toBe(3);
    await write(second);
    await list.refresh();
    expect(list.entries).toEqual([second]);
  });

  it('keeps a process from starting when it cannot be used at all', async () => {
    await expect(open()).rejects.toThrow(`BLOCKED_ADDRESSES_FILE ${file}`);
    await write('oops');
    await expect(open()).rejects.toThrow('line 1');
  });

  it('is empty where there is none', async () => {
    expect((await open('')).entries).toEqual([]);
  });
});
