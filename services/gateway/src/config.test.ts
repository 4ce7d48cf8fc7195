import { readConfig } from './config.ts';

describe('the configuration from the environment', () => {
  it('has defaults for everything', () => {
    expect(readConfig({})).toEqual({
      options: { port: 1984, host: '127.0.0.1', dataDir: '.data/gateway', blockIntervalMs: 1000 },
      mints: [],
    });
  });

  it('reads addresses to mint to', () => {
    const [first, second] = ['A'.repeat(43), 'B'.repeat(43)];
    expect(readConfig({ GATEWAY_MINT: `${first}:5,${second}:60000000000000000000` }).mints).toEqual([
      { address: first, winston: 5n },
      { address: second, winston: 60_000_000_000_000_000_000n },
    ]);
  });

  it.each([{ GATEWAY_PORT: '70000' }, { GATEWAY_BLOCK_INTERVAL_MS: '-1' }, { GATEWAY_MINT: 'somebody:5' }])(
    'refuses %o by name',
    (env) => {
      expect(() => readConfig(env)).toThrow(Object.keys(env)[0]);
    },
  );
});
