/** Times between nanoseconds, the client's epoch, RFC 3339 and what a query writes. */

/** A time in nanoseconds as the client wants it: a JSON token. `epoch` "" = RFC 3339; unknown ones count as ns, as on the server. */
export function timeToken(ns: string, epoch: string): string {
  if (epoch === "") return `"${rfc3339(BigInt(ns))}"`;
  const unit = epochs.get(epoch);
  // Go's division cuts toward zero, as BigInt's does.
  return unit === undefined ? ns : String(BigInt(ns) / unit);
}

const epochs: ReadonlyMap<string, bigint> = new Map([
  ["u", 1_000n],
  ["ms", 1_000_000n],
  ["s", 1_000_000_000n],
  ["m", 60_000_000_000n],
  ["h", 3_600_000_000_000n],
]);

/** RFC 3339 in UTC, zeros at the end of the fraction left out. */
function rfc3339(ns: bigint): string {
  let seconds = ns / SECOND;
  let rest = ns % SECOND;
  if (rest < 0n) {
    rest += SECOND;
    seconds -= 1n;
  }
  const total = Number(seconds);
  const days = Math.floor(total / 86_400);
  const inDay = total - days * 86_400;
  const [year, month, day] = dateOf(days);
  const two = (value: number): string => String(value).padStart(2, "0");
  const fraction = rest === 0n ? "" : `.${String(rest).padStart(9, "0").replace(/0+$/, "")}`;
  const clock = [Math.floor(inDay / 3600), Math.floor(inDay / 60) % 60, inDay % 60].map(two);
  return `${String(year).padStart(4, "0")}-${two(month)}-${two(day)}T${clock.join(":")}${fraction}Z`;
}

/** Year, month and day of a number of days since 1970. */
function dateOf(days: number): readonly [number, number, number] {
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  );
  const dayOfYear =
    dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1;
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
  return [yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day];
}

function daysOf(year: number, month: number, day: number): number {
  const shifted = month <= 2 ? year - 1 : year;
  const era = Math.floor(shifted / 400);
  const yearOfEra = shifted - era * 400;
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100);
  return era * 146_097 + dayOfEra + dayOfYear - 719_468;
}

/** Nanoseconds of a date as a query writes it, in UTC; null when it is none. */
export function parseTime(text: string): bigint | null {
  const match = time.exec(text);
  if (match === null) return null;
  const [, year, month, day, hour = "0", minute = "0", second = "0", fraction = ""] = match;
  const [y, mo, d, h, mi, s] = [year, month, day, hour, minute, second].map(Number) as [
    ...[number, number, number, number, number, number],
  ];
  const days = daysOf(y, mo, d);
  const [, realMonth, realDay] = dateOf(days);
  if (realMonth !== mo || realDay !== d || h > 23 || mi > 59 || s > 59) return null;
  const seconds = BigInt(days) * 86_400n + BigInt(h * 3600 + mi * 60 + s);
  return seconds * SECOND + BigInt(fraction.padEnd(9, "0"));
}

const time = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?Z?)?$/;

/** Nanoseconds of a duration literal, as in `1h30m` or `-5s`. */
export function durationNs(text: string): bigint {
  const negative = text.startsWith("-");
  let sum = 0n;
  for (const [, count = "0", unit = ""] of text.matchAll(/(\d+)(ns|ms|[uµsmhdw])/g)) {
    sum += BigInt(count) * (durations.get(unit) ?? 0n);
  }
  return negative ? -sum : sum;
}

const SECOND = 1_000_000_000n;
const durations: ReadonlyMap<string, bigint> = new Map([
  ["ns", 1n],
  ["u", 1_000n],
  ["µ", 1_000n],
  ["ms", 1_000_000n],
  ["s", SECOND],
  ["m", 60n * SECOND],
  ["h", 3_600n * SECOND],
  ["d", 86_400n * SECOND],
  ["w", 604_800n * SECOND],
]);
