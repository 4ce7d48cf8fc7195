import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { settings } from '@bundler/contract';
import type { Environment } from './options.ts';

const settingVariables = new Set(Object.values(settings).map(({ env }) => env));

/** The settings in an environment: what of it the platform's processes may be told. */
export function settingsIn(env: Environment): Record<string, string> {
  const given = Object.entries(env).filter(([name, value]) => settingVariables.has(name) && value);
  return Object.fromEntries(given) as Record<string, string>;
}

/** The variables in the project's `.env`; none when there is no such file. */
export async function readDotEnv(root: string): Promise<Environment> {
  const text = await readFile(join(root, '.env'), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  return parseEnv(text);
}
