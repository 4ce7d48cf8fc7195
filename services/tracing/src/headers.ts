/**
 * Reads `name=value,name=value`, as OpenTelemetry's own variable has it. A value is percent-encoded where it holds a comma.
 *
 * @throws Error that names no value: it may be a secret
 */
export function parseHeaders(text: string): Record<string, string> {
  const entries = text.split(',').filter((entry) => entry.trim() !== '');
  return Object.fromEntries(entries.map((entry, index) => parseHeader(entry, index)));
}

function parseHeader(entry: string, index: number): [string, string] {
  const at = entry.indexOf('=');
  const name = entry.slice(0, Math.max(at, 0)).trim();
  if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name)) {
    throw new Error(`TRACING_HEADERS: entry ${index + 1} must be name=value`);
  }
  try {
    return [name, decodeURIComponent(entry.slice(at + 1).trim())];
  } catch {
    throw new Error(`TRACING_HEADERS: the value of ${name} holds a % that is no percent-encoding; write %25`);
  }
}
