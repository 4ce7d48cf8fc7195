import { PARTS, readOptions } from './options.ts';

describe('the options of the bench', () => {
  it('run everything when nothing is said', () => {
    expect(readOptions([], {})).toMatchObject({
      parts: PARTS,
      seconds: 6,
      warmUpSeconds: 2,
      apis: 1,
      workers: 1,
      largeMib: 1024,
      tenFull: false,
      markdown: undefined,
    });
  });

  it('run the parts in their own order, whatever the order they are asked for in', () => {
    expect(readOptions(['--only', 'posted,uploads'], {}).parts).toEqual(['uploads', 'posted']);
  });

  it('name the parts there are when one is asked for that there is not', () => {
    expect(() => readOptions(['--only', 'upload'], {})).toThrow('uploads,open,large,prepare,posted,paid');
  });

  it.each([
    ['--seconds', '0'],
    ['--seconds', 'long'],
    ['--apis', '1.5'],
    ['--large-mib', '-1'],
  ])('refuse %s %s', (name, value) => {
    expect(() => readOptions([`${name}=${value}`], {})).toThrow(name);
  });

  it('take the full size of the ten uploads from the environment', () => {
    expect(readOptions([], { BENCH_TEN_FULL: '1' }).tenFull).toBe(true);
    expect(readOptions([], { BENCH_TEN_FULL: '' }).tenFull).toBe(false);
  });
});
