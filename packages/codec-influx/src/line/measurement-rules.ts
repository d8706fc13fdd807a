/** Which rule splits the measurement of the current line, and whether its fields hide a tag of the rule. */
import { decodeUtf8, encodeUtf8 } from "@echarde/core";
import type { InfluxOptions } from "../options.ts";
import { namesEqual, type Split, splitOf } from "../shard-key.ts";
import { type LineLexer, walkFields } from "./line-lexer.ts";

/** See the module. */
export class MeasurementRules {
  /** How the measurement is split. */
  split: Split = null;
  /** Names of the split's tags; none unless it is by tags. */
  tags: readonly Uint8Array[] = [];
  readonly #options: InfluxOptions;
  readonly #database: string;
  readonly #known = new Map<string, readonly [Split, readonly Uint8Array[]]>();
  /** The measurement of the last line as it was written; from = -1: there is none. */
  #from = -1;
  #to = -1;

  constructor(options: InfluxOptions, database: string) {
    this.#options = options;
    this.#database = database;
  }

  /** Finds the rule for the lexer's line. True when its measurement is that of the line before. */
  find(bytes: Uint8Array, { lineFrom, measurementTo }: LineLexer): boolean {
    if (this.#from >= 0 && sameBytes(bytes, this.#from, this.#to, lineFrom, measurementTo)) {
      return true;
    }
    this.#from = lineFrom;
    this.#to = measurementTo;
    if (this.#options.split.length === 0) return false;
    const raw = decodeUtf8(bytes.subarray(lineFrom, measurementTo));
    let found = this.#known.get(raw);
    if (found === undefined) {
      const split = splitOf(this.#options, this.#database, raw.replace(/\\([, ])/g, "$1"));
      found = [split, Array.isArray(split) ? split.map((tag: string) => encodeUtf8(tag)) : []];
      if (this.#known.size > 10_000) this.#known.clear();
      this.#known.set(raw, found);
    }
    [this.split, this.tags] = found;
    return false;
  }

  /** The line was left out: the next one is not behind one of its measurement. */
  forget(): void {
    this.#from = -1;
  }

  /** A field that has the name of a split's tag would hide the tag in queries, so that none could be routed by it. */
  collision(bytes: Uint8Array, line: LineLexer): string | null {
    const { tags } = this;
    if (tags.length === 0) return null;
    if (line.fields >= 0) {
      for (let i = 0; i < line.fields; i++) {
        const from = line.fieldFrom[i] as number;
        const to = line.fieldEquals[i] as number;
        for (const tag of tags) if (isName(bytes, from, to, tag)) return hides(tag);
      }
      return null;
    }
    let wrong: string | null = null;
    walkFields(bytes, line.fieldsFrom, line.fieldsTo, (from, to) => {
      for (const tag of tags) if (namesEqual(bytes, from, to, tag, true)) wrong = hides(tag);
      return wrong === null;
    });
    return wrong;
  }
}

function hides(tag: Uint8Array): string {
  return `the field "${decodeUtf8(tag)}" has the name of a tag that chooses the cluster`;
}

/** Whether a name without escapes stands at `bytes[from, to)`. */
function isName(bytes: Uint8Array, from: number, to: number, name: Uint8Array): boolean {
  return sameBytes(bytes, from, to, 0, name.length, name);
}

function sameBytes(
  bytes: Uint8Array,
  from: number,
  to: number,
  otherFrom: number,
  otherTo: number,
  other: Uint8Array = bytes,
): boolean {
  if (to - from !== otherTo - otherFrom) return false;
  for (let i = from, j = otherFrom; i < to; i++, j++) if (bytes[i] !== other[j]) return false;
  return true;
}
