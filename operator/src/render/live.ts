import { type SpecConfig, settings } from '@bundler/contract';
import type { Facts } from './facts.ts';
import { metadata } from './labels.ts';
import type { ConfigMap } from './manifest.ts';
import { LIVE_KEY, liveName, SHARED_COMPONENT } from './names.ts';

/**
 * The settings that reach running processes, in the forms of their environment variables, and the generation of the
 * spec that they come from. Every pod sees it as a file.
 */
export function liveConfigMap(config: SpecConfig, facts: Facts): ConfigMap {
  const live = Object.entries(settings).filter(([, { applies, path }]) => applies === 'live' && path !== null);
  const values = live.map(([name, { env, kind }]) => {
    const toEnv = kind.toEnv as (value: unknown) => string;
    return [env, toEnv(config[name as keyof SpecConfig])];
  });
  const document = { generation: facts.generation, settings: Object.fromEntries(values) };
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: metadata(facts, liveName(facts.name), SHARED_COMPONENT),
    data: { [LIVE_KEY]: `${JSON.stringify(document, null, 2)}\n` },
  };
}
