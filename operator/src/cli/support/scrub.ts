import { REDACTED, redact, redactText } from '@bundler/runtime';

/**
 * The second wall: whatever is written goes through here once more, whoever took it. JSON, as a whole or a line of a log,
 * loses what has the name of a secret; all text loses what looks like one.
 *
 * @param known values that are secret for certain, such as the key that opened the admin service
 */
export function scrub(text: string, known: readonly string[] = []): string {
  const whole = parsed(text);
  const shown = whole === undefined ? scrubLines(text.split('\n')) : `${JSON.stringify(redact(whole), null, 2)}\n`;
  return known.filter((value) => value !== '').reduce((rest, value) => rest.replaceAll(value, REDACTED), shown);
}

/** Lines that are no JSON stay together: a private key is written over several of them. */
function scrubLines(lines: readonly string[]): string {
  const shown: string[] = [];
  let plain: string[] = [];
  const flush = (): void => {
    if (plain.length > 0) shown.push(redactText(plain.join('\n')));
    plain = [];
  };
  for (const line of lines) {
    // A line of a container's log begins with when it was written.
    const [, stamp = '', rest = ''] = /^(\d{4}-\d\d-\d\dT[\d:.]+Z )?(.*)$/s.exec(line) ?? [];
    const value = rest.startsWith('{') ? parsed(rest) : undefined;
    if (value === undefined) plain.push(line);
    else {
      flush();
      shown.push(`${stamp}${JSON.stringify(redact(value))}`);
    }
  }
  flush();
  return shown.join('\n');
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
