import { cut } from '#domain/shortened.ts';

/** Literals of fewer characters than this, without an exponent, are always kept exactly. */
const SHORT_LITERAL = 16;

const NEGATIVE_ZERO = /^-(?=[\d.])[0.]+(?:[eE].*)?$/;

/** A fraction in these many characters has at most 17 digits, and fewer than 16 of them in front of the point. */
const SHORT_FRACTION = /^-?(?=[\d.]{16,18}$)\d{1,15}\.\d*[1-9]\d*$/;

/** No value needs as many characters; taking longer ones apart would take as long as they like. */
const LONGEST_LITERAL = 1000;

/** Far from where numbers of 64 bits lose digits because they are too large or too small. */
const COMFORTABLE = { least: 1e-290, most: 1e290 };

/** A decimal number: optional sign, digits, fraction, exponent. */
const DECIMAL = /^[-+]?(\d*)(?:\.(\d*))?(?:[eE]([-+]?\d+))?$/;

/** An integer in another base, as YAML has them. */
const OTHER_BASE = /^0[box][\da-f]+$/i;

/** Digits that tell one 64-bit floating-point number from all others. */
const DOUBLE_DIGITS = 17;

/**
 * Tells whether reading a decimal literal as a JavaScript number keeps its value. Integers must be exact:
 * `9007199254740993` is not. Fractions of up to 17 significant digits are what every language means by a double; longer
 * ones must come out as they went in. A zero has no sign here, so `-0.0` is not kept, and neither are `1e400` and `1e-400`. Integers in other bases (hexadecimal) must have
 * 53 bits at most.
 */
export function isKeptExactly(literal: string): boolean {
  return literal.length <= LONGEST_LITERAL && !NEGATIVE_ZERO.test(literal) && keepsDigits(literal);
}

function keepsDigits(literal: string): boolean {
  if (literal.length < SHORT_LITERAL && !/[eE]/.test(literal)) return true;
  const value = Number(literal);
  const size = Math.abs(value);
  if (literal.length < SHORT_LITERAL && size > COMFORTABLE.least && size < COMFORTABLE.most) return true;
  if (SHORT_FRACTION.test(literal)) return true;
  const given = parts(literal);
  const kept = parts(String(value));
  if (given === undefined) return !OTHER_BASE.test(literal) || Number.isSafeInteger(value);
  if (kept === undefined) return false;
  if (given.exponent < 0 && given.digits.length <= DOUBLE_DIGITS) return value !== 0;
  return given.digits === kept.digits && given.exponent === kept.exponent;
}

/** The sentence for a literal that cannot be kept. */
export function describeInexact(literal: string): string {
  const shown = cut(literal, 40);
  if (literal.length > LONGEST_LITERAL)
    return `the number ${shown} has more than ${LONGEST_LITERAL} characters: write it as a string, in quotes`;
  if (NEGATIVE_ZERO.test(literal))
    return `the number ${shown} would be changed to 0, because zero has no sign here: write 0, or a string, in quotes`;
  return Number.isFinite(Number(literal))
    ? `the number ${shown} would be changed to ${Number(literal)}, because numbers have 53 bits here: write it as a string, in quotes`
    : `the number ${shown} is too large for a number: write it as a string, in quotes`;
}

/** Significant digits, and the power of ten of the last one: the same for all ways to write a value. */
interface Decimal {
  readonly digits: string;
  readonly exponent: number;
}

/** Takes a decimal literal apart; undefined if the text is none. */
function parts(literal: string): Decimal | undefined {
  const match = DECIMAL.exec(literal);
  if (!match) return undefined;
  const [, whole = '', fraction = '', exponent = '0'] = match;
  const written = `${whole}${fraction}`.replace(/^0+/, '');
  const digits = written.replace(/0+$/, '');
  if (digits === '') return { digits: '', exponent: 0 };
  return { digits, exponent: Number(exponent) - fraction.length + (written.length - digits.length) };
}
