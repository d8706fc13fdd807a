/**
 * The key that the routing table sees.
 *
 * ```
 * a measurement that stands whole    scope "/" measurement
 * split by tags                      scope "/" measurement "/" value *("," value)      in the rule's order
 * split by series                    scope "/" measurement "/" tag "=" value *("," …)  sorted by tag
 *
 * scope = database / database "/" policy
 * ```
 * Names are unescaped, a missing tag is an empty value: the server takes both
 * for the same. In values of a split, `\`, `,` and `=` stand behind a `\`, so
 * that two series never have one key by chance.
 */
import { encodeUtf8, type RoutingTable } from "@echarde/core";
import type { LineLexer } from "./line/line-lexer.ts";
import type { InfluxOptions, SplitRule } from "./options.ts";

/** How one measurement is split: null = it stands whole. */
export type Split = readonly string[] | "series" | null;

/** The first rule for a measurement. */
export function splitOf(options: InfluxOptions, database: string, measurement: string): Split {
  const fits = (rule: SplitRule): boolean =>
    (rule.database ?? database) === database && (rule.measurement ?? measurement) === measurement;
  return options.split.find(fits)?.by ?? null;
}

/** What keys of a retention policy begin with; `policy` "" = the database's default, which must be known where policies are told apart. */
export function scopeOf(options: InfluxOptions, database: string, policy: string): string {
  const { policies } = options;
  if (!Object.hasOwn(policies, database)) return database;
  return `${database}/${policy === "" ? policies[database] : policy}`;
}

/** Cluster of a measurement that stands whole; -1 = nobody owns it. */
export function ownerOf(table: RoutingTable, scope: string, measurement: string): number {
  const key = encodeUtf8(`${scope}/${measurement}`);
  return table.route(key, 0, key.length);
}

/** Cluster of series whose split tags have these values; a series split takes all tags with their names. */
export function ownerOfValues(
  table: RoutingTable,
  scope: string,
  measurement: string,
  values: readonly string[],
): number {
  const words = values.map((value) => value.replace(/[\\,=]/g, "\\$&")).join(",");
  const key = encodeUtf8(`${scope}/${measurement}/${words}`);
  return table.route(key, 0, key.length);
}

/** Builds keys of lines without allocating, see the module. */
export class LineKey {
  /** The last key built is `bytes[0, length)`. */
  bytes: Uint8Array = new Uint8Array(1024);
  /** Length of the last key. */
  length = 0;
  readonly #scope: Uint8Array;
  /** Where the measurement ends in the last key. */
  #measurementTo = 0;

  /** `scope`: see {@link scopeOf}. */
  constructor(scope: Uint8Array) {
    this.#scope = scope;
  }

  /** The lexer's line in a measurement that stands whole. */
  whole(batch: Uint8Array, line: LineLexer): void {
    this.#start(line.lineTo - line.lineFrom);
    this.#unescape(batch, line.lineFrom, line.measurementTo, false);
    this.#measurementTo = this.length;
  }

  /** The lexer's line in a measurement split by `tags`: their names, unescaped. `same` = its measurement is that of the last key. */
  byTags(batch: Uint8Array, line: LineLexer, tags: readonly Uint8Array[], same: boolean): void {
    this.#measurement(batch, line, same);
    for (let n = 0; n < tags.length; n++) {
      if (n > 0) this.#put(COMMA);
      const i = findTag(batch, line, tags[n] as Uint8Array);
      if (i >= 0) this.#value(batch, (line.tagEquals[i] as number) + 1, line.tagTo(i));
    }
  }

  /** The lexer's line in a measurement split by series. `same` as in `byTags`. */
  bySeries(batch: Uint8Array, line: LineLexer, same: boolean): void {
    this.#measurement(batch, line, same);
    const order = Array.from({ length: line.tags }, (_, i) => i);
    order.sort((a, b) => line.compareTags(batch, a, b));
    order.forEach((i, n) => {
      if (n > 0) this.#put(COMMA);
      this.#value(batch, line.tagFrom[i] as number, line.tagEquals[i] as number);
      this.#put(EQUALS);
      this.#value(batch, (line.tagEquals[i] as number) + 1, line.tagTo(i));
    });
  }

  /** The part of the key before the values. */
  #measurement(batch: Uint8Array, line: LineLexer, same: boolean): void {
    if (same && this.#hasRoom(line.lineTo - line.lineFrom)) this.length = this.#measurementTo;
    else this.whole(batch, line);
    this.#put(SLASH);
  }

  #hasRoom(room: number): boolean {
    // Every byte of a line may get a backslash.
    return this.bytes.length >= this.#scope.length + 4 + 2 * room;
  }

  #start(room: number): void {
    const scope = this.#scope;
    if (!this.#hasRoom(room)) this.bytes = new Uint8Array(scope.length + 1028 + 2 * room);
    this.bytes.set(scope);
    this.length = scope.length;
    this.#put(SLASH);
  }

  #put(byte: number): void {
    this.bytes[this.length++] = byte;
  }

  /** In a measurement `\,` and `\ ` are escapes, in tags `\=` too. */
  #unescape(batch: Uint8Array, from: number, to: number, tag: boolean): void {
    for (let i = from; i < to; i++) {
      const byte = batch[i] as number;
      if (byte === BACKSLASH && i + 1 < to && isEscaped(batch[i + 1] as number, tag)) continue;
      this.#put(byte);
    }
  }

  #value(batch: Uint8Array, from: number, to: number): void {
    for (let i = from; i < to; i++) {
      const byte = batch[i] as number;
      if (byte === BACKSLASH && i + 1 < to && isEscaped(batch[i + 1] as number, true)) continue;
      if (byte === BACKSLASH || byte === COMMA || byte === EQUALS) this.#put(BACKSLASH);
      this.#put(byte);
    }
  }
}

/** Whether an escaped name at `batch[from, to)` stands for `name`. */
export function namesEqual(
  batch: Uint8Array,
  from: number,
  to: number,
  name: Uint8Array,
  tag: boolean,
): boolean {
  let at = 0;
  for (let i = from; i < to; i++) {
    if (batch[i] === BACKSLASH && i + 1 < to && isEscaped(batch[i + 1] as number, tag)) continue;
    if (batch[i] !== name[at++]) return false;
  }
  return at === name.length;
}

function findTag(batch: Uint8Array, line: LineLexer, name: Uint8Array): number {
  for (let i = 0; i < line.tags; i++) {
    if (namesEqual(batch, line.tagFrom[i] as number, line.tagEquals[i] as number, name, true)) {
      return i;
    }
  }
  return -1;
}

function isEscaped(byte: number, tag: boolean): boolean {
  return byte === COMMA || byte === SPACE || (tag && byte === EQUALS);
}

const SPACE = 0x20;
const COMMA = 0x2c;
const SLASH = 0x2f;
const EQUALS = 0x3d;
const BACKSLASH = 0x5c;
