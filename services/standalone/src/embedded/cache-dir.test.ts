import { defaultCacheDir } from './cache-dir.ts';

describe('the default cache directory', () => {
  it('is below XDG_CACHE_HOME when that is set', () => {
    expect(defaultCacheDir({ XDG_CACHE_HOME: '/var/cache', HOME: '/home/a' })).toBe('/var/cache/permaweb-bundler');
  });

  it.each([undefined, '', 'relative/cache'])('is below ~/.cache when XDG_CACHE_HOME is %p', (value) => {
    expect(defaultCacheDir({ XDG_CACHE_HOME: value, HOME: '/home/a' })).toBe('/home/a/.cache/permaweb-bundler');
  });
});
