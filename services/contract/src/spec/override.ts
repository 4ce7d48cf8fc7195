import { InvalidValue, type Violation } from '../settings/index.ts';
import { withValueAt } from './paths.ts';
import { specSettings } from './tree.ts';

/**
 * Puts the settings that environment variables give over those in a spec. An empty variable counts as unset, as it does
 * when a process reads its own environment.
 *
 * @returns the patched spec, and a violation for each variable whose value cannot be used (the spec keeps its own then)
 */
export function overrideFromEnv(
  spec: unknown,
  env: Readonly<Record<string, string | undefined>>,
): { spec: unknown; violations: Violation[] } {
  let patched = spec;
  const violations: Violation[] = [];
  for (const [, setting] of specSettings) {
    const raw = env[setting.env];
    if (raw === undefined || raw === '') continue;
    try {
      patched = withValueAt(patched, setting.path, setting.kind.toSpec(setting.kind.fromEnv(raw)));
    } catch (error) {
      if (!(error instanceof InvalidValue)) throw error;
      violations.push({ setting: setting.env, message: error.message });
    }
  }
  return { spec: patched, violations };
}
