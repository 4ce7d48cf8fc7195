import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openJournal } from './journal.ts';

const dir = mkdtempSync(join(tmpdir(), 'journal-'));
const path = join(dir, 'journal.jsonl');
const mint = { type: 'mint', address: 'A'.repeat(43), winston: '5' } as const;

afterAll(() => rmSync(dir, { recursive: true }));

describe('a journal', () => {
  it('starts empty and gives back what was appended', () => {
    const first = openJournal(path);
    expect(first.events).toEqual([]);
    first.journal.append(mint);
    first.journal.append({ type: 'price', percent: 120 });
    first.journal.close();
    const second = openJournal(path);
    second.journal.close();
    expect(second.events).toEqual([mint, { type: 'price', percent: 120 }]);
  });

  it('cuts off a line without its end, wherever it was torn, and goes on behind the whole ones', () => {
    const line = `${JSON.stringify(mint)}\n`;
    for (let length = 1; length < line.length; length += 1) {
      writeFileSync(path, line + line.slice(0, length));
      const torn = openJournal(path);
      torn.journal.append(mint);
      torn.journal.close();
      const read = openJournal(path);
      read.journal.close();
      expect([torn.events, read.events]).toEqual([[mint], [mint, mint]]);
    }
  });

  it('takes nothing once it is closed', () => {
    const { journal } = openJournal(path);
    journal.close();
    expect(() => journal.append(mint)).toThrow('is closed');
  });
});
