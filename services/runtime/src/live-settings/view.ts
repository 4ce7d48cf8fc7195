import { type Config, type Role, type Setting, type SettingName, settings, settingsOf } from '@bundler/contract';

/**
 * A configuration whose live settings are read anew at each use, so that whoever reads them when he needs them obeys a
 * change. The others stay what they were at the start.
 *
 * @param current the values in effect
 */
export function liveView(role: Role, current: () => Config): Config {
  const start = current();
  const view = Object.defineProperties(
    {},
    Object.fromEntries(
      settingsOf(role).map(([name, { applies }]) => [
        name,
        applies === 'live'
          ? { enumerable: true, get: () => current()[name] }
          : { enumerable: true, value: start[name] },
      ]),
    ),
  );
  return Object.freeze(view) as Config;
}

/** The live settings that differ between two configurations. */
export function changedSettings(role: Role, before: Config, after: Config): SettingName[] {
  const text = (name: SettingName, config: Config) => textOf(settings[name], config[name]);
  return settingsOf(role).flatMap(([name, { applies }]) =>
    applies === 'live' && text(name, before) !== text(name, after) ? [name] : [],
  );
}

/** The given settings by environment variable, in the form of the environment; never one that is secret. */
export function printSettings(names: readonly SettingName[], config: Config): Record<string, string> {
  const open = names.filter((name) => !settings[name].secret);
  return Object.fromEntries(open.map((name) => [settings[name].env, textOf(settings[name], config[name])]));
}

function textOf(setting: Setting<never> | Setting, value: unknown): string {
  return (setting as Setting).kind.toEnv(value);
}
