const numberPattern = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

const wholePattern = /^-?\d+$/;

/** Whether a text is a number as JSON writes it (RFC 8259, 6): decimal, without space, plus or leading zeros. */
export function isNumber(text: string): boolean {
  return numberPattern.test(text);
}

/** No integer of Protobuf has more digits. */
const MAX_DIGITS = 20;

/**
 * The exact value of a number, undefined where it is not whole, as 1.0 and 1e3 are. One of more than 20 digits is given
 * as 21 digits, so that it takes no time.
 *
 * @param token a JSON number
 */
export function toInteger(token: string): bigint | undefined {
  if (token.length < MAX_DIGITS && wholePattern.test(token)) return BigInt(token);
  const negative = token.startsWith("-");
  const [mantissa = "", exponent = "0"] = token.slice(negative ? 1 : 0).split(/[eE]/);
  const [whole = "", fraction = ""] = mantissa.split(".");
  const digits = whole + fraction;
  const significant = dropZeros(digits);
  if (significant === "") return 0n;
  const zeros = Number(exponent) - fraction.length + countFinalZeros(digits);
  if (zeros < 0) return undefined;
  const size = significant.length + zeros;
  const value = size > MAX_DIGITS ? 10n ** BigInt(MAX_DIGITS) : BigInt(significant) * 10n ** BigInt(zeros);
  return negative ? -value : value;
}

/** Without the zeros at either end. */
function dropZeros(digits: string): string {
  let first = 0;
  while (digits[first] === "0") first++;
  return digits.slice(first, Math.max(first, digits.length - countFinalZeros(digits)));
}

function countFinalZeros(digits: string): number {
  let count = 0;
  while (digits[digits.length - 1 - count] === "0") count++;
  return count;
}
