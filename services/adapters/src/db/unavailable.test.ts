import { isDatabaseUnavailable } from './unavailable.ts';

const withCode = (code: string): Error => Object.assign(new Error('failed'), { code });
const named = (name: string): Error => Object.assign(new Error('Timeout acquiring a connection'), { name });

describe('a database that is away', () => {
  it.each([
    ['refuses connections', withCode('ECONNREFUSED')],
    ['is shutting down', withCode('57P01')],
    ['is starting', withCode('57P03')],
    ['has no connection left', withCode('53300')],
    ['has all connections of the pool busy', named('KnexTimeoutError')],
    ['was killed under a query', new Error('select 1 - Connection terminated unexpectedly')],
    [
      'was killed before a query',
      new Error('COMMIT; - Client has encountered a connection error and is not queryable'),
    ],
  ])('%s', (_, error) => {
    expect(isDatabaseUnavailable(error)).toBe(true);
  });

  it.each([
    ['a value that it refuses', withCode('22003')],
    ['a duplicate', withCode('23505')],
    ['a statement that runs too long', withCode('57014')],
    ['an error of another part', new Error('no such key')],
    ['what is no error', 'ECONNREFUSED'],
  ])('is not told by %s', (_, error) => {
    expect(isDatabaseUnavailable(error)).toBe(false);
  });
});
