/** Numbers straight from bytes, without a string in between: a table has tens of millions of them. */

// 10^0 … 10^22 are exact in double precision.
const POWERS_OF_TEN = Float64Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`));
// A mantissa below 2^53 is exact, so one multiplication or division rounds once, correctly.
const EXACT_MANTISSA = 2 ** 53;

/**
 * The number in bytes[start, end), correctly rounded; NaN when the bytes are no decimal number.
 * `nan` and `inf` (any case) are numbers of that value: tell them from text with `isNumberText`.
 */
export function parseNumber(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  let negative = false;
  const sign = bytes[at];
  if (sign === 0x2d || sign === 0x2b) {
    negative = sign === 0x2d;
    at++;
  }
  let mantissa = 0;
  let digits = 0;
  let decimals = 0;
  let byte = 0;
  for (; at < end; at++) {
    byte = (bytes[at] as number) - 0x30;
    if (byte < 0 || byte > 9) break;
    mantissa = mantissa * 10 + byte;
    digits++;
  }
  if (at < end && bytes[at] === 0x2e) {
    for (at++; at < end; at++) {
      byte = (bytes[at] as number) - 0x30;
      if (byte < 0 || byte > 9) break;
      mantissa = mantissa * 10 + byte;
      digits++;
      decimals++;
    }
  }
  if (digits === 0) return parseSlow(bytes, start, end);
  let exponent = -decimals;
  if (at < end) {
    const letter = bytes[at] as number;
    if (letter !== 0x65 && letter !== 0x45) return parseSlow(bytes, start, end);
    at++;
    const exponentSign = bytes[at];
    if (exponentSign === 0x2d || exponentSign === 0x2b) at++;
    if (at >= end) return Number.NaN;
    let given = 0;
    for (; at < end; at++) {
      byte = (bytes[at] as number) - 0x30;
      if (byte < 0 || byte > 9) return Number.NaN;
      given = given * 10 + byte;
    }
    exponent += exponentSign === 0x2d ? -given : given;
  }
  if (mantissa >= EXACT_MANTISSA || exponent > 22 || exponent < -22) return parseSlow(bytes, start, end);
  const size =
    exponent < 0 ? mantissa / (POWERS_OF_TEN[-exponent] as number) : mantissa * (POWERS_OF_TEN[exponent] as number);
  return negative ? -size : size;
}

/** True when text spells a number or one of the non-finite values that programs write. */
export function isNumberText(text: string): boolean {
  return /^[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?$/.test(text) || /^[-+]?(nan|inf|infinity)$/i.test(text);
}

function parseSlow(bytes: Uint8Array, start: number, end: number): number {
  // No number needs more characters; it also bounds the work on hostile input.
  if (end - start > 400) return Number.NaN;
  let text = "";
  for (let at = start; at < end; at++) text += String.fromCharCode(bytes[at] as number);
  if (!isNumberText(text)) return Number.NaN;
  if (/inf/i.test(text)) return text.startsWith("-") ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  return Number(text.startsWith("+") ? text.slice(1) : text);
}
