import { redisFlags } from './arguments.ts';

function flag(flags: readonly string[], name: string): string | undefined {
  return flags[flags.indexOf(`--${name}`) + 1];
}

describe('Redis command lines', () => {
  const place = { port: 6379, dataDir: '/data' };

  it('make a queue that evicts nothing and syncs its log every second', () => {
    const flags = redisFlags({ ...place, role: 'queue' });
    expect(flag(flags, 'maxmemory-policy')).toBe('noeviction');
    expect(flag(flags, 'appendonly')).toBe('yes');
    expect(flag(flags, 'appendfsync')).toBe('everysec');
    expect(flag(flags, 'maxmemory')).toBe('0');
  });

  it('make a cache that is bounded, evicts and writes nothing to disk', () => {
    const flags = redisFlags({ ...place, role: 'cache' });
    expect(flag(flags, 'maxmemory-policy')).toBe('allkeys-lru');
    expect(flag(flags, 'appendonly')).toBe('no');
    expect(flag(flags, 'save')).toBe('');
    expect(flag(flags, 'maxmemory')).toBe('256mb');
  });

  it.each(['queue', 'cache'] as const)('bind a %s to this machine and obey the memory limit', (role) => {
    const flags = redisFlags({ ...place, role, maxMemory: 1_048_576 });
    expect(flag(flags, 'bind')).toBe('127.0.0.1');
    expect(flag(flags, 'port')).toBe('6379');
    expect(flag(flags, 'maxmemory')).toBe('1048576');
  });
});
