import { styleText } from 'node:util';

export type Paint = (tone: 'good' | 'bad' | 'odd' | 'quiet', text: string) => string;

const tones = { good: 'green', bad: 'red', odd: 'yellow', quiet: 'dim' } as const;

/** Colours for a terminal; for anything else the text as it is. */
export function painter(colours: boolean): Paint {
  // Whether there is a terminal was decided by who asks: the text may be written to another stream than this looks at.
  return (tone, text) => (colours ? styleText(tones[tone], text, { validateStream: false }) : text);
}

/** Rows in columns, the last of them as long as it is. */
export function table(rows: readonly (readonly string[])[], indent = ''): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  return rows.map((row) =>
    `${indent}${row.map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column] ?? 0))).join('  ')}`.trimEnd(),
  );
}

/** A value as one line shows it. */
export function shown(value: unknown): string {
  if (value === undefined) return '(none)';
  const text = typeof value === 'string' && value !== '' ? value : JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}

/** Bytes in the unit that manifests are written in. */
export const mebibytes = (bytes: number): string => `${Math.round(bytes / 2 ** 20)}Mi`;

/** How long ago a moment was, in its largest unit. @param at Unix milliseconds */
export function age(at: number, now: Date): string {
  const seconds = Math.max(0, Math.round((now.getTime() - at) / 1000));
  const [unit, length] = UNITS.find(([, size]) => seconds >= size * 2) ?? ['s', 1];
  return `${Math.floor(seconds / length)} ${unit}`;
}

const UNITS = [
  ['d', 86_400],
  ['h', 3600],
  ['min', 60],
] as const;
