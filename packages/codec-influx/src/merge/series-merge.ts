/**
 * Series of several answers as one, while they come. Each answer has its
 * series in the server's order, and each series its rows in the order of time.
 *
 * ```
 *   part 0   a a a b b …          every part has said which series comes next,
 *   part 1   a a c …         ─▶   or has ended ─▶ the least of them is certain
 *   part 2   b …                  its rows by time, or all of them as one group
 * ```
 * So what is held is what has come of parts that are ahead; these wait (see
 * `isAhead`) until the others have come along.
 */
import { compareSeries, found, type Series, type StatementResult } from "./result.ts";
import type { Cut } from "./rows.ts";

/** How answers become one while they come. */
export interface StreamRule extends Cut {
  /** Merges one group: a result with at most one series of each part. Null = rows by time. */
  readonly group: ((answers: readonly (readonly StatementResult[])[]) => StatementResult) | null;
  /** Which series stay. */
  readonly keep: (series: Series) => boolean;
}

/** Rows of one part's series, in the order they came. */
interface Segment {
  readonly series: Series;
  /** More rows of the series follow. */
  readonly more: boolean;
  readonly bytes: number;
  /** First row that is not taken yet. */
  at: number;
}

class Part {
  readonly segments: Segment[] = [];
  ended = false;
  bytes = 0;
  /** Nothing can go on before it has said more. */
  awaited = false;
  last: Segment | null = null;

  get head(): Segment | undefined {
    return this.segments[0];
  }

  drop(): void {
    this.bytes -= this.segments.shift()?.bytes ?? 0;
  }
}

/** See the module. */
export class SeriesMerge {
  /** Why there is no answer, "" = there is one so far. */
  error = "";
  readonly #rule: StreamRule;
  readonly #far: number;
  readonly #emit: (series: Series) => void;
  readonly #parts: readonly Part[];
  /** The parts that have the current series; empty = none is current. */
  #members: Part[] = [];
  #series: Series = { name: null, tags: null, columns: [], rows: [] };
  /** Whether rows of the current series leave. */
  #kept = true;
  /** Rows of the current series so far, those that LIMIT and OFFSET cut included. */
  #passed = 0;

  /** `far` = bytes of a part that wait before it is ahead; `emit` is given rows that are certain. */
  constructor(parts: number, rule: StreamRule, far: number, emit: (series: Series) => void) {
    this.#parts = Array.from({ length: parts }, () => new Part());
    this.#rule = rule;
    this.#far = far;
    this.#emit = emit;
  }

  /** Bytes held. */
  get held(): number {
    let held = 0;
    for (const { bytes } of this.#parts) held += bytes;
    return held;
  }

  /** Rows of a part; `more` of the same series may follow. They take `bytes`. */
  push(index: number, series: Series, more: boolean, bytes: number): void {
    const part = this.#parts[index] as Part;
    if (this.error !== "") return;
    const { last } = part;
    if (last !== null && this.#parts.length > 1) {
      const order = compareSeries(last.series, series);
      const falls = order === 0 || order < 0 === this.#rule.descending;
      if (last.more ? order !== 0 : falls) {
        this.#fail("an upstream's series are not in their order");
        return;
      }
    }
    const segment = { series, more, bytes, at: 0 };
    part.last = segment;
    part.segments.push(segment);
    part.bytes += bytes;
  }

  /** A part has no more. */
  end(index: number): void {
    const part = this.#parts[index] as Part;
    part.ended = true;
    if (part.last?.more === true) this.#fail("an upstream's answer ended before it was whole");
  }

  /** Emits all that has become certain. */
  advance(): void {
    for (const part of this.#parts) part.awaited = false;
    while (this.error === "" && this.#next()) {
      // each turn does one thing
    }
  }

  /** Whether a part has come far enough for now. */
  isAhead(index: number): boolean {
    const { ended, awaited, bytes } = this.#parts[index] as Part;
    return this.error === "" && !ended && !awaited && bytes > this.#far;
  }

  /** Drops all. */
  clear(): void {
    this.#members = [];
    for (const part of this.#parts) {
      part.segments.length = 0;
      part.bytes = 0;
    }
  }

  #fail(error: string): void {
    this.error ||= error;
    this.clear();
  }

  /** Goes one step on; false when there is nothing certain to do. */
  #next(): boolean {
    if (this.#members.length === 0) return this.#choose();
    return this.#rule.group === null ? this.#rows() : this.#group(this.#rule.group);
  }

  #choose(): boolean {
    let known = true;
    let best: Series | null = null;
    for (const part of this.#parts) {
      const { head } = part;
      if (head === undefined) {
        if (part.ended) continue;
        part.awaited = true;
        known = false;
      } else if (best === null || this.#before(head.series, best)) best = head.series;
    }
    if (!known || best === null) return false;
    const least = best;
    this.#members = this.#parts.filter(
      ({ head }) => head !== undefined && compareSeries(head.series, least) === 0,
    );
    this.#series = least;
    this.#kept = this.#rule.keep(least);
    this.#passed = 0;
    return true;
  }

  #before(a: Series, b: Series): boolean {
    const order = compareSeries(a, b);
    return order !== 0 && order < 0 !== this.#rule.descending;
  }

  /** Rows of the current series by time; of equal times those of the first part first. */
  #rows(): boolean {
    const rows: (readonly string[])[] = [];
    let waits = false;
    while (this.#members.length > 0 && !waits) {
      for (const part of [...this.#members]) {
        if (!settle(part, this.#members)) waits = true;
      }
      if (waits) break;
      if (this.#members.length === 1) takeAll(this.#members[0] as Part, rows);
      else if (this.#members.length > 1) takeRun(this.#members, rows, this.#rule.descending);
    }
    this.#send({ ...this.#series, rows });
    return !waits;
  }

  #send(series: Series): void {
    const { limit, offset } = this.#rule;
    const from = Math.max(0, Math.max(0, offset) - this.#passed);
    const to = limit <= 0 ? series.rows.length : Math.max(0, offset) + limit - this.#passed;
    this.#passed += series.rows.length;
    const whole = from === 0 && to >= series.rows.length;
    const rows = whole ? series.rows : series.rows.slice(from, Math.max(from, to));
    if (this.#kept && rows.length > 0) this.#emit({ ...series, rows });
  }

  /** All of the current series, as one group. */
  #group(merge: Exclude<StreamRule["group"], null>): boolean {
    let whole = true;
    for (const part of this.#members) {
      if (part.segments.some(({ more }) => !more)) continue;
      part.awaited = true;
      whole = false;
    }
    if (!whole) return false;
    const answers = this.#parts.map((part): readonly StatementResult[] => {
      if (!this.#members.includes(part)) return [found([])];
      const { series } = part.head as Segment;
      const rows: (readonly string[])[] = [];
      for (let more = true; more; ) {
        const segment = part.head as Segment;
        for (const row of segment.series.rows) rows.push(row);
        more = segment.more;
        part.drop();
      }
      return [found([{ ...series, rows }])];
    });
    this.#members = [];
    const result = merge(answers);
    if (result.error !== "") this.#fail(result.error);
    for (const series of result.series) if (this.#rule.keep(series)) this.#emit(series);
    return true;
  }
}

/** Whether a member's next row is known, or that it has none: then it is a member no longer. */
function settle(part: Part, members: Part[]): boolean {
  for (;;) {
    const { head } = part;
    if (head === undefined) {
      part.awaited = true;
      return false;
    }
    if (head.at < head.series.rows.length) return true;
    part.drop();
    if (head.more) continue;
    members.splice(members.indexOf(part), 1);
    return true;
  }
}

/** All rows that the first segment of a part has. */
function takeAll({ head }: Part, rows: (readonly string[])[]): void {
  if (head === undefined) return;
  const all = head.series.rows;
  for (; head.at < all.length; head.at++) rows.push(all[head.at] as readonly string[]);
}

/** The rows of the part whose turn it is, up to the next row of another one or to the end of its segment. */
function takeRun(members: readonly Part[], rows: (readonly string[])[], descending: boolean): void {
  let best = 0;
  let second = -1;
  for (let i = 1; i < members.length; i++) {
    if (isBefore(timeOf(members, i), timeOf(members, best), descending)) {
      second = best;
      best = i;
    } else if (second < 0 || isBefore(timeOf(members, i), timeOf(members, second), descending)) {
      second = i;
    }
  }
  const bound = timeOf(members, second);
  const head = members[best]?.head as Segment;
  const all = head.series.rows;
  do {
    rows.push(all[head.at] as readonly string[]);
    head.at += 1;
    if (head.at === all.length) return;
    const time = all[head.at]?.[0] ?? "0";
    // Of equal times the first part has its turn first.
    if (best < second ? isBefore(bound, time, descending) : !isBefore(time, bound, descending)) {
      return;
    }
  } while (head.at < all.length);
}

function timeOf(members: readonly Part[], i: number): string {
  const head = members[i]?.head as Segment;
  return head.series.rows[head.at]?.[0] ?? "0";
}

/** Whether one time comes before another; integers as text. */
function isBefore(a: string, b: string, descending: boolean): boolean {
  if (a === b) return false;
  const plain = a.length === b.length && !a.startsWith("-") && !b.startsWith("-");
  return (plain ? a < b : BigInt(a) < BigInt(b)) !== descending;
}
