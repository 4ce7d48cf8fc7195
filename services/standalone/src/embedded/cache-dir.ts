import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

/**
 * Where fetched servers are kept between runs: below XDG_CACHE_HOME, else ~/.cache (XDG Base Directory Specification,
 * which also says that a relative value counts as unset).
 */
export function defaultCacheDir(env: Readonly<Record<string, string | undefined>>): string {
  const xdg = env.XDG_CACHE_HOME;
  const base = xdg !== undefined && isAbsolute(xdg) ? xdg : join(env.HOME ?? homedir(), '.cache');
  return join(base, 'permaweb-bundler');
}
