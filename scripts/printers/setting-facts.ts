import type { Field, Setting } from '@bundler/contract';

/** What a value of the environment variable is: a kind, and for amounts the unit that a plain number has there. */
export function envForm(setting: Setting): string {
  const { kind } = setting;
  switch (kind.name) {
    case 'duration':
      return `whole number of ${kind.toEnv(1000) === '1' ? 'seconds' : 'milliseconds'}`;
    case 'bytes':
      return 'whole number of bytes';
    case 'integer':
      return 'whole number';
    case 'boolean':
      return 'true or false';
    default:
      return kind.name;
  }
}

/** The default as the environment spells it; undefined when the setting is required. */
export function envDefault(setting: Setting): string | undefined {
  return setting.default === undefined ? undefined : setting.kind.toEnv(setting.default);
}

/** The default as a person writes it in a spec; undefined when the setting is required. */
export function specDefault(setting: Field<unknown, string | null>): string | undefined {
  if (setting.default === undefined) return undefined;
  const value = setting.kind.toSpec(setting.default);
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** Whether only the laying out of processes reads it, so that setting it for one process does nothing. */
export function isForRendererOnly(setting: Setting): boolean {
  return setting.roles.every((role) => role === 'renderer');
}
