import { fillIn } from './variables.ts';

const every = { step: 5, scrape: 1 };

describe('a query as Grafana sends it', () => {
  it('has the values that were chosen, and everything for a variable of which nothing was', () => {
    const query = 'up{config=~"$config", pod=~"$pod", cluster=~"$cluster"}';
    expect(fillIn(query, { config: ['main'], pod: ['upload-1', 'upload-2'] }, every)).toBe(
      'up{config=~"main", pod=~"(upload-1|upload-2)", cluster=~".*"}',
    );
  });

  it('matches a value by its letters, whatever they mean in an expression', () => {
    expect(fillIn('up{pod=~"$pod"}', { pod: ['a.b'] }, every)).toBe(String.raw`up{pod=~"a\\.b"}`);
  });

  it.each([
    [{ step: 5, scrape: 1 }, '6s'],
    [{ step: 1, scrape: 15 }, '60s'],
  ])('has a window that holds some scrapes, however near its points are: %j', (resolution, window) => {
    expect(fillIn('rate(x[$__rate_interval])', {}, resolution)).toBe(`rate(x[${window}])`);
  });
});
