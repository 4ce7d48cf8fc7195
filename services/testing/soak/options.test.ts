import { readOptions } from './options.ts';

describe('the options of a soak', () => {
  it('are an hour and a hundred BundlerConfigs when nothing is said', () => {
    expect(readOptions([], { SOAK_MINUTES: '' })).toEqual({ minutes: 60, configs: 100, markdown: undefined });
  });

  it('are taken from the environment and the command line', () => {
    const env = { SOAK_MINUTES: '18', SOAK_CONFIGS: '5' };
    expect(readOptions(['--markdown', 'x.md'], env)).toEqual({ minutes: 18, configs: 5, markdown: 'x.md' });
  });

  it.each(['0', '1.5', 'long', '-1', '1441'])('are refused by name: %s minutes', (text) => {
    expect(() => readOptions([], { SOAK_MINUTES: text })).toThrow(`SOAK_MINUTES=${text}: expected a whole number`);
  });
});
