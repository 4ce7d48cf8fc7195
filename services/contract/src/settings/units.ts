/** Exact readers and writers for the durations and quantities that stand in a spec. */

const MILLISECONDS = { h: 3_600_000, m: 60_000, s: 1000, ms: 1 } as const;

/** Reads a GEP-2257 duration such as `1h30m`; undefined when it is none. Milliseconds. */
export function parseDuration(text: string): number | undefined {
  if (!/^([0-9]{1,8}(h|ms|m|s)){1,4}$/.test(text)) return undefined;
  let total = 0;
  for (const [, digits, unit] of text.matchAll(/([0-9]+)(h|ms|m|s)/g)) {
    total += Number(digits) * MILLISECONDS[unit as keyof typeof MILLISECONDS];
  }
  return total;
}

/** Writes milliseconds as the shortest exact duration. */
export function formatDuration(milliseconds: number): string {
  let rest = milliseconds;
  let out = '';
  for (const unit of ['h', 'm', 's', 'ms'] as const) {
    const count = Math.floor(rest / MILLISECONDS[unit]);
    if (count > 0) out += `${count}${unit}`;
    rest -= count * MILLISECONDS[unit];
  }
  return out === '' ? '0s' : out;
}

const FACTORS = {
  Ti: 2 ** 40,
  Gi: 2 ** 30,
  Mi: 2 ** 20,
  Ki: 2 ** 10,
  T: 1e12,
  G: 1e9,
  M: 1e6,
  k: 1e3,
} as const;

/** Reads a whole Kubernetes quantity such as `10Gi`; undefined when it is none. Bytes. */
export function parseBytes(text: string): number | undefined {
  const match = /^([0-9]{1,16})(Ki|Mi|Gi|Ti|k|M|G|T)?$/.exec(text);
  if (!match) return undefined;
  const value = Number(match[1]) * (match[2] ? FACTORS[match[2] as keyof typeof FACTORS] : 1);
  return Number.isSafeInteger(value) ? value : undefined;
}

/** Writes bytes with the largest binary suffix that is exact. */
export function formatBytes(value: number): string {
  for (const suffix of ['Ti', 'Gi', 'Mi', 'Ki'] as const) {
    if (value !== 0 && value % FACTORS[suffix] === 0) return `${value / FACTORS[suffix]}${suffix}`;
  }
  return String(value);
}
