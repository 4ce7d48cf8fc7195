/** Digits after the point that rates and magnitudes are computed with. */
const DIGITS = 12;
const ONE = 10n ** BigInt(DIGITS);

/** A number that is not an amount of credits: a rate, a factor. In steps of 10^-12, never a floating-point number. */
export interface Decimal {
  /** The number times 10^12. */
  readonly scaled: bigint;
}

/** Reads decimal text, as `0.766` or `1e-7`; digits beyond the twelfth are cut. @throws RangeError for anything else */
export function decimal(text: string): Decimal {
  const [, sign, whole, fraction = '', exponent = '0'] =
    /^(-?)(\d{1,60})(?:\.(\d*))?(?:e([+-]?\d{1,2}))?$/i.exec(text) ?? [];
  if (whole === undefined) throw new RangeError(`${text} is no decimal number`);
  const shift = DIGITS + Number(exponent) - fraction.length;
  const digits = BigInt(whole + fraction);
  const scaled = shift >= 0 ? digits * 10n ** BigInt(shift) : digits / 10n ** BigInt(-shift);
  return { scaled: sign === '-' ? -scaled : scaled };
}

/** An amount times a factor, towards zero. */
export const times = (amount: bigint, { scaled }: Decimal): bigint => (amount * scaled) / ONE;

/** An amount times one rate by another, towards zero. @throws RangeError when the second is zero */
export function converted(amount: bigint, from: Decimal, to: Decimal): bigint {
  if (to.scaled === 0n) throw new RangeError('a rate of zero');
  return (amount * from.scaled) / to.scaled;
}
