/** What a query answers, with every value as the JSON token that stood there: int64 and nanoseconds survive. */

/** Rows of one name and one set of tags. */
export interface Series {
  /** Its name, null for none. */
  readonly name: string | null;
  /** Its tags in their order, null for none. */
  readonly tags: readonly (readonly [string, string])[] | null;
  /** Names of its columns. */
  readonly columns: readonly string[];
  /** Values: JSON tokens. */
  readonly rows: readonly (readonly string[])[];
}

/** The answer to one statement. */
export interface StatementResult {
  /** Its series; none and no error = nothing was found. */
  readonly series: readonly Series[];
  /** What went wrong, "" = nothing. */
  readonly error: string;
  /** Warnings: JSON tokens. */
  readonly messages: readonly string[];
  /** A server cut the answer short by a limit of its own. */
  readonly partial: boolean;
}

/** An answer with series alone. */
export function found(series: readonly Series[]): StatementResult {
  return { series, error: "", messages: [], partial: false };
}

/** An answer that is an error. */
export function failed(error: string): StatementResult {
  return { series: [], error, messages: [], partial: false };
}

/** The series' tags as one text: equal for equal tags. */
export function tagsKey(tags: Series["tags"]): string {
  return tags === null ? "" : JSON.stringify(tags);
}

/** Compares texts by code points, which is the order of their bytes in UTF-8. */
export function compareText(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    let x = a.charCodeAt(i);
    let y = b.charCodeAt(i);
    if (x === y) continue;
    // Surrogates stand for code points above all others.
    if (x >= 0xd800) x = x >= 0xe000 ? x - 0x800 : x + 0x2000;
    if (y >= 0xd800) y = y >= 0xe000 ? y - 0x800 : y + 0x2000;
    return x - y;
  }
  return a.length - b.length;
}

/** The server's order of series: by name, then by tags in the order of their keys. */
export function compareSeries(a: Series, b: Series): number {
  const byName = compareText(a.name ?? "", b.name ?? "");
  if (byName !== 0) return byName;
  const own = a.tags ?? [];
  const other = b.tags ?? [];
  for (let i = 0; i < own.length && i < other.length; i++) {
    const byKey = compareText(own[i]?.[0] ?? "", other[i]?.[0] ?? "");
    if (byKey !== 0) return byKey;
  }
  for (let i = 0; i < own.length && i < other.length; i++) {
    const byValue = compareText(own[i]?.[1] ?? "", other[i]?.[1] ?? "");
    if (byValue !== 0) return byValue;
  }
  return own.length - other.length;
}
