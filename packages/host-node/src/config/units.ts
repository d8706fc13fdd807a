/** Bytes: a whole number, or a number with B, KiB, MiB or GiB. Null when it is neither. */
export function readBytes(value: unknown): number | null {
  return readQuantity(value, bytesOf);
}

/** Milliseconds: a whole number, or a number with ms, s, m or h. Null when it is neither. */
export function readMilliseconds(value: unknown): number | null {
  return readQuantity(value, millisecondsOf);
}

const bytesOf: Readonly<Record<string, number>> = {
  B: 1,
  KiB: 1024,
  MiB: 1024 ** 2,
  GiB: 1024 ** 3,
};

const millisecondsOf: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

function readQuantity(value: unknown, units: Readonly<Record<string, number>>): number | null {
  if (typeof value === "number") return Number.isSafeInteger(value) && value >= 0 ? value : null;
  if (typeof value !== "string") return null;
  const match = /^(\d+(?:\.\d+)?) ?([A-Za-z]+)$/.exec(value);
  const unit = units[match?.[2] ?? ""];
  if (match === null || unit === undefined) return null;
  const amount = Number(match[1]) * unit;
  return Number.isSafeInteger(amount) ? amount : null;
}
