/**
 * Splits a batch of lines over clusters. The whole batch is lexed before
 * anything is sent; each cluster gets its lines in the order of the batch,
 * byte for byte, each ended by LF.
 */
import { decodeUtf8, encodeUtf8, type RoutingTable } from "@echarde/core";
import type { InfluxOptions } from "../options.ts";
import { LineKey, scopeOf } from "../shard-key.ts";
import { latin1 } from "../text.ts";
import { LineLexer } from "./line-lexer.ts";
import { MeasurementRules } from "./measurement-rules.ts";
import { Shares } from "./shares.ts";

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
  /** Retention policy as the client gave it, "" = the database's default. */
  readonly policy: string;
  /** Precision as the client gave it, "" = nanoseconds. */
  readonly precision: string;
  /** Unix milliseconds, for lines without a timestamp when they go to several clusters. */
  readonly now: number;
  /** Gets the keys that were routed, for `explain`; null = nobody asks. */
  readonly keys: Uint8Array[] | null;
}

/** Lexes and splits the batch at `bytes[from, to)`. `lines` are new memory. */
export function splitBatch(
  batch: Uint8Array,
  from: number,
  to: number,
  context: BatchContext,
): SplitBatch {
  const { table, options, database, policy, precision } = context;
  // Views of a subclass (a host's buffers) are dearer to make.
  const bytes = new Uint8Array(batch.buffer, batch.byteOffset, batch.byteLength);
  const unit = unitOf(precision);
  const lexer = new LineLexer();
  const key = new LineKey(encodeUtf8(scopeOf(options, database, policy)));
  const rules = new MeasurementRules(options, database);
  const shares = new Shares(table.clusters.length);
  const errors: string[] = [];
  let ours = false;
  let unowned: string | null = null;
  let owner = -1;
  lexer.begin(bytes, from, to, unit);
  while (lexer.next()) {
    let wrong = lexer.error;
    let same = false;
    if (wrong === null) {
      same = rules.find(bytes, lexer);
      wrong = rules.collision(bytes, lexer);
      if (wrong !== null) ours = true;
    }
    if (wrong !== null) {
      const line = decodeUtf8(bytes.subarray(lexer.lineFrom, lexer.lineTo));
      errors.push(`unable to parse '${line}': ${wrong}`);
      rules.forget();
      continue;
    }
    const { split } = rules;
    // Lines of one measurement mostly stand together.
    if (split !== null || !same) {
      if (split === null) key.whole(bytes, lexer);
      else if (split === "series") key.bySeries(bytes, lexer, same);
      else key.byTags(bytes, lexer, rules.tags, same);
      owner = table.route(key.bytes, 0, key.length);
      context.keys?.push(key.bytes.slice(0, key.length));
    }
    if (owner < 0) unowned ??= decodeUtf8(bytes.subarray(lexer.lineFrom, lexer.measurementTo));
    else shares.add(owner, lexer);
  }
  const stamp = latin1(` ${(BigInt(context.now) * 1_000_000n) / unit}\n`);
  return { lines: shares.gather(bytes, stamp), errors, ours, unowned };
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
