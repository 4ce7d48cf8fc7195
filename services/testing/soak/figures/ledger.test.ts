import { Ledger } from './ledger.ts';

const told = (observedGeneration: number, settled: boolean) => ({ name: 'a', observedGeneration, settled });

describe('the ledger of generations', () => {
  let ledger: Ledger;
  beforeEach(() => {
    ledger = new Ledger();
  });

  it('misses what nobody spoke of', () => {
    ledger.edited('a', 2, 100, 110);
    ledger.told(told(1, true), 200);
    expect(ledger.missing).toEqual(['a@2']);
    expect(ledger.seen).toEqual([]);
  });

  it('times what was seen, and what then came to run', () => {
    ledger.edited('a', 2, 100, 110);
    ledger.told(told(2, false), 150);
    expect(ledger.missing).toEqual(['a@2']);
    ledger.told(told(2, false), 200);
    ledger.told(told(2, true), 400);
    expect([ledger.seen, ledger.settled, ledger.missing]).toEqual([[50], [300], []]);
  });

  it('takes a later generation for all before it', () => {
    ledger.edited('a', 2, 100, 110);
    ledger.edited('a', 3, 120, 130);
    ledger.told(told(3, true), 200);
    expect([ledger.seen, ledger.missing, ledger.edits]).toEqual([[100, 80], [], 2]);
  });

  it('believes a status that came before the answer to the edit', () => {
    ledger.told(told(2, true), 105);
    ledger.edited('a', 2, 100, 110);
    expect(ledger.missing).toEqual([]);
  });

  it('waits for nothing of what is deleted, and starts anew with its name', () => {
    ledger.edited('a', 5, 100, 110);
    ledger.told(told(5, false), 120);
    ledger.forget('a');
    expect(ledger.missing).toEqual([]);
    ledger.edited('a', 1, 200, 210);
    expect(ledger.missing).toEqual(['a@1']);
  });
});
