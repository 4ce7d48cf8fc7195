import { type Config, InvalidValue, type Role, rules, type SettingName, settingsOf } from '@bundler/contract';

/** The environment does not make a valid configuration; the message names every variable that is wrong. */
export class ConfigError extends Error {}

/**
 * Reads the settings of a role from environment variables.
 *
 * @param env usually `process.env`; only a `main.ts` has it at hand
 * @returns every setting of the role, frozen; durations in milliseconds, sizes in bytes
 * @throws ConfigError with all violations at once, so that one restart is enough to mend them
 */
export function loadConfig(role: Role, env: Readonly<Record<string, string | undefined>>): Config {
  const values: Partial<Record<SettingName, unknown>> = {};
  const problems: string[] = [];
  for (const [name, setting] of settingsOf(role)) {
    const raw = env[setting.env];
    if (raw === undefined || raw === '') {
      if (setting.default === undefined) problems.push(`${setting.env} is required: ${setting.doc}`);
      else values[name] = setting.default;
      continue;
    }
    try {
      values[name] = setting.kind.fromEnv(raw);
    } catch (error) {
      if (!(error instanceof InvalidValue)) throw error;
      problems.push(`${setting.env} ${setting.secret ? 'is not valid' : error.message}`);
    }
  }
  for (const { check } of rules) {
    const violation = check(values as Partial<Config>);
    if (violation) problems.push(`${violation.setting} ${violation.message}`);
  }
  if (problems.length > 0) throw new ConfigError(`The configuration is not valid:\n  ${problems.join('\n  ')}`);
  return Object.freeze(values) as Config;
}
