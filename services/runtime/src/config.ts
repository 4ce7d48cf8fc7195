import { type Config, InvalidValue, type Role, rules, type Setting, settingsOf } from '@bundler/contract';

/** The environment does not make a valid configuration; the message names every variable that is wrong. */
export class ConfigError extends Error {}

export type Environment = Readonly<Record<string, string | undefined>>;
/** The value of each setting of a group. */
export type ValuesOf<Group> = {
  readonly [Name in keyof Group]: Group[Name] extends Setting<infer Value> ? Value : never;
};

/**
 * Reads the settings of a role from environment variables.
 *
 * @param env usually `process.env`; only a `main.ts` has it at hand
 * @returns every setting of the role, frozen; durations in milliseconds, sizes in bytes
 * @throws ConfigError with all violations at once, so that one restart is enough to mend them
 */
export function loadConfig(role: Role, env: Environment): Config {
  const { values, problems } = readEnvironment(settingsOf(role), env);
  for (const { check } of rules) {
    const violation = check(values as Partial<Config>);
    if (violation) problems.push(`${violation.setting} ${violation.message}`);
  }
  return frozen(values, problems) as Config;
}

/** Reads a group of settings that stands apart from the platform's; as `loadConfig` otherwise. */
export function loadSettings<Group extends Record<string, Setting>>(group: Group, env: Environment): ValuesOf<Group> {
  const { values, problems } = readEnvironment(Object.entries(group), env);
  return frozen(values, problems) as ValuesOf<Group>;
}

function frozen(values: object, problems: readonly string[]): object {
  if (problems.length > 0) throw new ConfigError(`The configuration is not valid:\n  ${problems.join('\n  ')}`);
  return Object.freeze(values);
}

function readEnvironment(settings: readonly (readonly [string, Setting])[], env: Environment) {
  const values: Record<string, unknown> = {};
  const problems: string[] = [];
  for (const [name, setting] of settings) {
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
  return { values, problems };
}
