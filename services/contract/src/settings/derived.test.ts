import { redisQueueAddress, workerPoolSize } from './index.ts';

describe('redisQueueAddress', () => {
  const address = (url: string, username = '', password = '') =>
    redisQueueAddress({ redisQueueUrl: url, redisQueueUsername: username, redisQueuePassword: password });

  it.each([
    ['redis://queue:6379/0', '', '', 'redis://queue:6379/0'],
    ['redis://queue:6379/0', '', 'secret', 'redis://:secret@queue:6379/0'],
    ['rediss://queue:6379', 'bundler', 'a/b@c:d%e+f', 'rediss://bundler:a%2Fb%40c%3Ad%25e%2Bf@queue:6379'],
    ['redis://own:given@queue', 'bundler', 'secret', 'redis://own:given@queue'],
  ])('makes of %s with "%s" and "%s" %s', (url, username, password, expected) => {
    expect(address(url, username, password)).toBe(expected);
  });

  it('gives back the password that it was given', () => {
    const password = 'p@ss/w:rd?#[]%41 ü';
    expect(decodeURIComponent(new URL(address('redis://queue', '', password)).password)).toBe(password);
  });
});

describe('workerPoolSize', () => {
  const size = (concurrency: number, databasePoolMax = 50) =>
    workerPoolSize(['plan'], { planConcurrency: concurrency, databasePoolMax } as Parameters<typeof workerPoolSize>[1]);

  it('has room for every job, in steps that let the concurrency move, and none below the default', () => {
    expect([1, 3, 4, 5, 8, 9, 17, 33, 49].map((concurrency) => size(concurrency))).toEqual([
      8, 8, 8, 8, 8, 16, 32, 48, 50,
    ]);
  });

  it('never exceeds what one process may hold', () => {
    expect(size(30, 10)).toBe(10);
  });
});
