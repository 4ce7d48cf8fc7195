import { parseArgs } from 'node:util';

/** The parts that can be run alone, in the order in which they run. */
export const PARTS = ['uploads', 'open', 'large', 'prepare', 'posted', 'paid'] as const;
export type Part = (typeof PARTS)[number];

export interface BenchOptions {
  readonly parts: readonly Part[];
  /** Measured seconds of one level. */
  readonly seconds: number;
  readonly warmUpSeconds: number;
  /** API processes that small items are uploaded to; of large ones, each core has its own. */
  readonly apis: number;
  readonly workers: number;
  /** MiB of one large upload; the ten at once have a quarter of it each, unless `tenFull`. */
  readonly largeMib: number;
  /** Ten large uploads of full size at once: ten times the disk. */
  readonly tenFull: boolean;
  /** File for the figures as a page; undefined for none. */
  readonly markdown: string | undefined;
}

/**
 * Reads the command line, and BENCH_TEN_FULL from the environment.
 *
 * @throws Error that names the option and what it should be
 */
export function readOptions(args: readonly string[], env: Readonly<Record<string, string | undefined>>): BenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string', default: PARTS.join(',') },
      seconds: { type: 'string', default: '6' },
      'warm-up': { type: 'string', default: '2' },
      apis: { type: 'string', default: '1' },
      workers: { type: 'string', default: '1' },
      'large-mib': { type: 'string', default: '1024' },
      markdown: { type: 'string' },
    },
  });
  return {
    parts: readParts(values.only),
    seconds: positive('--seconds', values.seconds),
    warmUpSeconds: positive('--warm-up', values['warm-up']),
    apis: whole('--apis', values.apis),
    workers: whole('--workers', values.workers),
    largeMib: whole('--large-mib', values['large-mib']),
    tenFull: (env.BENCH_TEN_FULL ?? '') !== '',
    markdown: values.markdown,
  };
}

function readParts(text: string): readonly Part[] {
  const names = text.split(',').map((name) => name.trim());
  for (const name of names) {
    if (!(PARTS as readonly string[]).includes(name)) {
      throw new Error(`--only: there is no part "${name}". Give some of ${PARTS.join(',')}.`);
    }
  }
  return PARTS.filter((part) => names.includes(part));
}

function positive(name: string, text: string): number {
  const value = Number(text);
  if (Number.isFinite(value) && value > 0) return value;
  throw new Error(`${name} ${text}: expected a number above 0`);
}

function whole(name: string, text: string): number {
  const value = positive(name, text);
  if (Number.isInteger(value)) return value;
  throw new Error(`${name} ${text}: expected a whole number`);
}
