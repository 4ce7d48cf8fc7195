/** A currency that credits are priced in: what one payment may be, in its smallest unit. */
export interface Currency {
  readonly minimum: number;
  readonly maximum: number;
  readonly suggested: readonly [number, number, number];
  /** Digits of its smallest unit. */
  readonly decimals: 0 | 2;
}

const usual = { minimum: 500, maximum: 1_000_000, suggested: [2500, 5000, 10_000], decimals: 2 } as const;

/** By ISO 4217, in lower case as clients write them. */
export const currencies: Readonly<Record<string, Currency>> = {
  usd: usual,
  eur: usual,
  gbp: { ...usual, suggested: [2000, 4000, 8000] },
  cad: usual,
  aud: { minimum: 7500, maximum: 1_500_000, suggested: [7500, 10_000, 15_000], decimals: 2 },
  brl: { minimum: 2500, maximum: 1_000_000, suggested: [12_500, 25_000, 50_000], decimals: 2 },
  hkd: { minimum: 5000, maximum: 10_000_000, suggested: [20_000, 40_000, 80_000], decimals: 2 },
  inr: { minimum: 50_000, maximum: 90_000_000, suggested: [200_000, 400_000, 800_000], decimals: 2 },
  sgd: { minimum: 750, maximum: 1_500_000, suggested: [2500, 7500, 15_000], decimals: 2 },
  jpy: { minimum: 750, maximum: 1_500_000, suggested: [3500, 6500, 15_000], decimals: 0 },
};

/** The least that is charged, whatever promo codes take off: above what the provider takes in any of these currencies. */
export const leastCharge = ({ minimum }: Currency): number => minimum / 10;

/** Codes of ISO 3166 that name no country, but groups of them, or nothing. */
const NO_COUNTRIES = new Set(['EU', 'EZ', 'UN', 'QO', 'XA', 'XB', 'ZZ', 'AC', 'CP', 'CQ', 'DG', 'EA', 'IC', 'TA']);
const FIRST = ['United States', 'United Kingdom'];

/** Names of countries in English: the two first that are chosen most often, then all others by name. */
export function countryNames(): string[] {
  const names = new Intl.DisplayNames(['en'], { type: 'region', fallback: 'none' });
  const letters = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'];
  const codes = letters.flatMap((a) => letters.map((b) => a + b));
  const all = codes.flatMap((code) => (NO_COUNTRIES.has(code) ? [] : [names.of(code)]));
  const known = new Set(all.filter((name) => name !== undefined));
  return [...FIRST, ...[...known].filter((name) => !FIRST.includes(name)).toSorted((a, b) => a.localeCompare(b))];
}
