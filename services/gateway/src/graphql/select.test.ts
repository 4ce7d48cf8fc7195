import type { MinedRecord } from './record.ts';
import { cursorOf, select } from './select.ts';

function record(id: string, height: number, colour: string): MinedRecord {
  return {
    id,
    height,
    address: `owner of ${id}`,
    recipient: '',
    anchor: '',
    tags: [{ name: 'Colour', value: colour }],
    dataSize: 1,
    source: {} as MinedRecord['source'],
    bundle: undefined,
  };
}

const records = [record('a', 1, 'red'), record('b', 2, 'green'), record('c', 2, 'red'), record('d', 3, 'blue')];
const ids = (page: { records: readonly MinedRecord[] }): string => page.records.map(({ id }) => id).join('');

describe('selecting records', () => {
  it('puts the newest block first unless told otherwise', () => {
    expect(ids(select(records, {}))).toBe('dcba');
    expect(ids(select(records, { sort: 'HEIGHT_ASC' }))).toBe('abcd');
  });

  it('wants every tag condition to hold', () => {
    const red = { name: 'Colour', values: ['red'], op: 'EQ' } as const;
    expect(ids(select(records, { tags: [red] }))).toBe('ca');
    expect(ids(select(records, { tags: [{ ...red, op: 'NEQ' }] }))).toBe('db');
    expect(ids(select(records, { tags: [red, { ...red, op: 'NEQ' }] }))).toBe('');
  });

  it('goes on behind a cursor although newer blocks came in between', () => {
    const first = select(records, { first: 2 });
    expect([ids(first), first.hasNextPage]).toEqual(['dc', true]);
    const after = cursorOf(first.records[1] as MinedRecord);
    const second = select([...records, record('e', 4, 'red')], { first: 2, after });
    expect([ids(second), second.hasNextPage]).toEqual(['ba', false]);
  });

  it('keeps to block bounds, both included', () => {
    expect(ids(select(records, { block: { min: 2, max: 2 } }))).toBe('cb');
    expect(ids(select(records, { block: { min: 3 } }))).toBe('d');
  });
});
