/** Arithmetic on JSON tokens by the type of their field: integers wrap as the server's do, floats are doubles. */

/** Sum of two values. */
export function add(a: string, b: string, type: string): string {
  if (type === "float") return floatToken(Number(a) + Number(b));
  return String(BigInt.asIntN(64, BigInt(a) + BigInt(b)));
}

/** `a - b`. */
export function subtract(a: string, b: string, type: string): string {
  if (type === "float") return floatToken(Number(a) - Number(b));
  return String(BigInt.asIntN(64, BigInt(a) - BigInt(b)));
}

/** `sum / count`, a float whatever the type. */
export function divide(sum: string, count: string): string {
  return floatToken(Number(sum) / Number(count));
}

/** Orders two values; booleans with false first. */
export function compareValues(a: string, b: string): number {
  if (a === b) return 0;
  if (a === "true" || a === "false") return a === "true" ? 1 : -1;
  if (a.startsWith('"') && b.startsWith('"')) {
    const [x, y] = [JSON.parse(a) as string, JSON.parse(b) as string];
    return x < y ? -1 : x > y ? 1 : 0;
  }
  if (integer.test(a) && integer.test(b)) {
    const difference = BigInt(a) - BigInt(b);
    return difference < 0n ? -1 : difference > 0n ? 1 : 0;
  }
  return Number(a) - Number(b);
}

/** A double as the server prints it in JSON. */
function floatToken(value: number): string {
  return Object.is(value, -0) ? "-0" : String(value);
}

const integer = /^-?\d+$/;
