import { readLoadOptions } from './options.ts';

describe('the options of a load run', () => {
  it('are a short smoke on a platform of its own, when nothing is said', () => {
    expect(readLoadOptions({})).toEqual({
      suites: ['smoke'],
      size: 'short',
      target: undefined,
      prometheus: undefined,
      gate: true,
      scale: undefined,
      slack: 1,
    });
  });

  it('name several suites, or all that need no cluster', () => {
    expect(readLoadOptions({ PROFILE: 'smoke, breaker' }).suites).toEqual(['smoke', 'breaker']);
    const { suites } = readLoadOptions({ PROFILE: 'all' });
    expect(suites).toContain('soak');
    expect(suites).not.toContain('autoscale');
  });

  it.each([
    [{ PROFILE: 'smok' }, /PROFILE=smok: there is no such suite; there are smoke, concurrent-50/],
    [{ SIZE: 'big' }, /SIZE=big: give short or full/],
    [{ SCALE: '2' }, /SCALE=2: give the share/],
    [{ SCALE: 'x' }, /SCALE=x/],
    [{ SLACK: '0.5' }, /SLACK=0.5/],
    [{ GATE: 'maybe' }, /GATE=maybe: give on or off/],
    [{ TARGET: 'localhost:3001' }, /TARGET=localhost:3001: give the URL/],
  ])('refuse %j, and say what it should be', (env, message) => {
    expect(() => readLoadOptions(env)).toThrow(message);
  });

  it.each(['http://127.0.0.1:3001', 'http://localhost:3001/', 'http://[::1]:3001'])(
    'take %s, which is this machine',
    (TARGET) => {
      expect(readLoadOptions({ TARGET }).target).toBe(TARGET.replace(/\/$/, ''));
    },
  );

  it('take another machine only when it is named twice', () => {
    const TARGET = 'https://upload.example.com';
    expect(() => readLoadOptions({ TARGET })).toThrow('ALLOW_TARGET=upload.example.com');
    expect(() => readLoadOptions({ TARGET, ALLOW_TARGET: 'example.com' })).toThrow('another machine');
    expect(() => readLoadOptions({ TARGET: 'http://127.0.0.1.example.com' })).toThrow('another machine');
    expect(readLoadOptions({ TARGET, ALLOW_TARGET: 'upload.example.com' }).target).toBe(TARGET);
  });
});
