import { figure, markdownTable, textTable } from './format.ts';

describe('figures', () => {
  it.each([
    [0.024_83, '0.0248'],
    [1.5, '1.5'],
    [12.345, '12.3'],
    [930.4, '930'],
    [12_345.6, '12346'],
    [0, '0'],
    [-0.7123, '-0.712'],
    [Number.NaN, '-'],
    [Number.POSITIVE_INFINITY, '-'],
  ])('write %d as %s', (value, text) => {
    expect(figure(value)).toBe(text);
  });
});

describe('tables', () => {
  const rows = [
    ['', 'goal'],
    ['speed', '≥ 1'],
    ['p50', '≤ 100 ms'],
  ];

  it('line up as text, numbers to the right', () => {
    expect(textTable(rows)).toBe(['           goal', 'speed       ≥ 1', 'p50    ≤ 100 ms'].join('\n'));
  });

  it('say in Markdown which way columns go', () => {
    expect(markdownTable(rows)).toBe('|  | goal |\n| --- | ---: |\n| speed | ≥ 1 |\n| p50 | ≤ 100 ms |');
  });
});
