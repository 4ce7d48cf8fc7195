import { isNewEnough, parseServerVersion, serverProgram } from './version.ts';

describe('Redis-compatible servers', () => {
  it.each([
    ['Valkey server v=9.1.2 sha=00000000:1 malloc=libc bits=64 build=1536df31c0395150', 'Valkey', [9, 1, 2]],
    ['Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc-5.3.0 bits=64 build=1', 'Redis', [7, 0, 15]],
  ])('are known by the line they print: %s', (line, product, numbers) => {
    expect(parseServerVersion(`${line}\n`)).toEqual({ product, numbers });
  });

  it('are not what prints anything else', () => {
    expect(parseServerVersion('psql (PostgreSQL) 18.4')).toBeUndefined();
  });

  it.each([
    [5, 9, false],
    [6, 1, false],
    [6, 2, true],
    [7, 0, true],
  ])('of version %i.%i: new enough is %p', (major, minor, expected) => {
    expect(isNewEnough({ product: 'Redis', numbers: [major, minor, 0] })).toBe(expected);
  });

  it('run with a locale that every machine has, and their own libraries where they need some', () => {
    expect(serverProgram({ file: 'redis-server' }, ['--version'])).toEqual({
      file: 'env',
      args: ['LC_ALL=C', 'redis-server', '--version'],
    });
    expect(serverProgram({ file: '/c/redis-server', libraryPath: '/c/lib' }, []).args).toEqual([
      'LC_ALL=C',
      'LD_LIBRARY_PATH=/c/lib',
      '/c/redis-server',
    ]);
  });
});
