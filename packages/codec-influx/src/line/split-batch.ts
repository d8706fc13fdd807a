/**
 * Splits a batch of lines over clusters. The whole batch is lexed before
 * anything is sent; each cluster gets its lines in the order of the batch,
 * byte for byte, each ended by LF.
 */
import { decodeUtf8, encodeUtf8, type RoutingTable } from "@echarde/core";
import type { InfluxOptions } from "../options.ts";
import { LineKey, namesEqual, type Split, splitOf } from "../shard-key.ts";
import { latin1 } from "../text.ts";
import { LineLexer, walkFields } from "./line-lexer.ts";

/** What a batch comes to. */
export interface SplitBatch {
  /** Lines of each cluster, by its index; absent where it gets none. */
  readonly lines: ReadonlyMap<number, Uint8Array>;
  /** What is wrong with lines, in the server's words and the order of the batch. */
  readonly errors: readonly string[];
  /** Whether a line is refused that a server would take. */
  readonly ours: boolean;
  /** A line that no cluster owns: its measurement; null = there is none. */
  readonly unowned: string | null;
}

/** Where a batch is to go and how. */
export interface BatchContext {
  /** The table. */
  readonly table: RoutingTable;
  /** Rules of splits. */
  readonly options: InfluxOptions;
  /** Name of the database. */
  readonly database: string;
  /** Precision as the client gave it, "" = nanoseconds. */
  readonly precision: string;
  /** Unix milliseconds, for lines without a timestamp when they go to several clusters. */
  readonly now: number;
  /** Gets the keys that were routed, for `explain`; null = nobody asks. */
  readonly keys: Uint8Array[] | null;
}

/** Lexes and splits the batch at `bytes[from, to)`. `lines` are new memory, or views where one cluster gets all. */
export function splitBatch(
  bytes: Uint8Array,
  from: number,
  to: number,
  context: BatchContext,
): SplitBatch {
  const { table, options, database, precision } = context;
  const unit = unitOf(precision);
  const lexer = new LineLexer();
  const key = new LineKey(encodeUtf8(database));
  const splits = options.split.length > 0 ? new Splits(options, database) : null;
  const errors: string[] = [];
  const spans: number[] = [];
  const sizes = new Map<number, number>();
  let ours = false;
  let unowned: string | null = null;
  let last = -1;
  let lastFrom = 0;
  let lastTo = 0;
  lexer.begin(bytes, from, to, unit);
  while (lexer.next()) {
    let wrong = lexer.error;
    if (wrong === null && splits !== null) {
      wrong = splits.collision(bytes, lexer);
      if (wrong !== null) ours = true;
    }
    if (wrong !== null) {
      const line = decodeUtf8(bytes.subarray(lexer.lineFrom, lexer.lineTo));
      errors.push(`unable to parse '${line}': ${wrong}`);
      continue;
    }
    const split = splits?.current ?? null;
    if (split === null) {
      // Lines of one measurement mostly stand together.
      if (!sameBytes(bytes, lastFrom, lastTo, lexer.lineFrom, lexer.measurementTo)) {
        key.whole(bytes, lexer);
        last = table.route(key.bytes, 0, key.length);
        context.keys?.push(key.bytes.slice(0, key.length));
        lastFrom = lexer.lineFrom;
        lastTo = lexer.measurementTo;
      }
    } else {
      if (split === "series") key.bySeries(bytes, lexer);
      else key.byTags(bytes, lexer, splits?.tags ?? []);
      last = table.route(key.bytes, 0, key.length);
      context.keys?.push(key.bytes.slice(0, key.length));
      lastTo = lastFrom;
    }
    if (last < 0) unowned ??= decodeUtf8(bytes.subarray(lexer.lineFrom, lexer.measurementTo));
    const timed = lexer.timeTo > lexer.timeFrom;
    spans.push(last, lexer.lineFrom, timed ? lexer.lineTo : -lexer.fieldsTo);
    sizes.set(
      last,
      (sizes.get(last) ?? 0) + (timed ? lexer.lineTo : lexer.fieldsTo + 21) - lexer.lineFrom + 1,
    );
  }
  const stamp = latin1(` ${(BigInt(context.now) * 1_000_000n) / unit}\n`);
  return { lines: gather(bytes, spans, sizes, stamp), errors, ours, unowned };
}

/** Nanoseconds of one unit of timestamps; what the server does not know counts as nanoseconds. */
function unitOf(precision: string): bigint {
  return units.get(precision) ?? 1n;
}

const units: ReadonlyMap<string, bigint> = new Map([
  ["u", 1_000n],
  ["ms", 1_000_000n],
  ["s", 1_000_000_000n],
  ["m", 60_000_000_000n],
  ["h", 3_600_000_000_000n],
]);

/** The split rule of the current line's measurement. */
class Splits {
  current: Split = null;
  tags: readonly Uint8Array[] = [];
  readonly #options: InfluxOptions;
  readonly #database: string;
  readonly #known = new Map<string, readonly [Split, readonly Uint8Array[]]>();

  constructor(options: InfluxOptions, database: string) {
    this.#options = options;
    this.#database = database;
  }

  /** Finds the rule. A field that has the name of a split's tag would hide the tag in queries, so that none could be routed by it. */
  collision(bytes: Uint8Array, line: LineLexer): string | null {
    const raw = decodeUtf8(bytes.subarray(line.lineFrom, line.measurementTo));
    let found = this.#known.get(raw);
    if (found === undefined) {
      const split = splitOf(this.#options, this.#database, raw.replace(/\\([, ])/g, "$1"));
      found = [split, Array.isArray(split) ? split.map((tag: string) => encodeUtf8(tag)) : []];
      if (this.#known.size > 10_000) this.#known.clear();
      this.#known.set(raw, found);
    }
    [this.current, this.tags] = found;
    let wrong: string | null = null;
    if (this.tags.length > 0) {
      walkFields(bytes, line.fieldsFrom, line.fieldsTo, (from, to) => {
        for (const tag of this.tags) {
          if (namesEqual(bytes, from, to, tag, true)) {
            wrong = `the field "${decodeUtf8(tag)}" has the name of a tag that chooses the cluster`;
          }
        }
        return wrong === null;
      });
    }
    return wrong;
  }
}

function gather(
  bytes: Uint8Array,
  spans: readonly number[],
  sizes: ReadonlyMap<number, number>,
  stamp: Uint8Array,
): Map<number, Uint8Array> {
  const room = new Map<number, { memory: Uint8Array; at: number }>();
  for (const [cluster, size] of sizes) {
    room.set(cluster, { memory: new Uint8Array(size), at: 0 });
  }
  for (let i = 0; i < spans.length; i += 3) {
    const own = room.get(spans[i] as number);
    if (own === undefined) continue;
    const from = spans[i + 1] as number;
    const end = spans[i + 2] as number;
    const to = Math.abs(end);
    own.memory.set(bytes.subarray(from, to), own.at);
    own.at += to - from;
    if (end < 0) {
      own.memory.set(stamp, own.at);
      own.at += stamp.length;
    } else own.memory[own.at++] = 10;
  }
  return new Map([...room].map(([cluster, { memory, at }]) => [cluster, memory.subarray(0, at)]));
}

function sameBytes(bytes: Uint8Array, a: number, aTo: number, b: number, bTo: number): boolean {
  if (aTo - a !== bTo - b) return false;
  for (let i = a, j = b; i < aTo; i++, j++) if (bytes[i] !== bytes[j]) return false;
  return true;
}
