import { parseArgs } from 'node:util';

export interface SoakOptions {
  /** Of churn; installing before and the quiet minutes after come on top. */
  readonly minutes: number;
  /** BundlerConfigs that stand all the time. */
  readonly configs: number;
  /** File for the figures as a page; undefined for none. */
  readonly markdown: string | undefined;
}

/**
 * Reads the command line, and SOAK_MINUTES and SOAK_CONFIGS from the environment.
 *
 * @throws Error that names the option and what it should be
 */
export function readOptions(args: readonly string[], env: Readonly<Record<string, string | undefined>>): SoakOptions {
  const { values } = parseArgs({ args: [...args], options: { markdown: { type: 'string' } } });
  return {
    minutes: within('SOAK_MINUTES', env.SOAK_MINUTES || '60', 1, 24 * 60),
    configs: within('SOAK_CONFIGS', env.SOAK_CONFIGS || '100', 2, 1000),
    markdown: values.markdown,
  };
}

function within(name: string, text: string, min: number, max: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  throw new Error(`${name}=${text}: expected a whole number from ${min} to ${max}`);
}
