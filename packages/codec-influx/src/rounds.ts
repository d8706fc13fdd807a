/** Rounds of questions to clusters: their replies are held until all are there, or merged while they come. */
import { type Failure, join, type NextPlan, type StreamMerge } from "@echarde/core";
import { readReply } from "./http/answer.ts";
import { PartReader } from "./merge/part-reader.ts";
import type { Series } from "./merge/result.ts";
import { SeriesMerge, type StreamRule } from "./merge/series-merge.ts";

/** What one cluster replied. */
export interface RoundReply {
  /** Status of the response. */
  readonly status: number;
  /** Its body. */
  readonly body: Uint8Array;
  /** The server's version, "" where it names none. */
  readonly version: string;
  /** Set when no reply came; then nothing else counts. */
  readonly failure: Failure | null;
}

/** What came of a round. */
export interface RoundEnd {
  /** Replies in the order of the questions; null = they were more than may be held. */
  readonly replies: readonly RoundReply[] | null;
}

/** A round whose replies are held, up to a bound. */
export class HeldRound implements StreamMerge {
  readonly broken = false;
  held = 0;
  readonly #most: number;
  readonly #done: (end: RoundEnd) => NextPlan;
  readonly #parts: { chunks: Uint8Array[]; failure: Failure | null }[];
  #over = false;
  #lead: readonly Uint8Array[];

  /** `most` = bytes that may be held; `lead` leaves first; `done` says what follows. */
  constructor(
    parts: number,
    most: number,
    lead: readonly Uint8Array[],
    done: (end: RoundEnd) => NextPlan,
  ) {
    this.#most = most;
    this.#lead = lead;
    this.#done = done;
    this.#parts = Array.from({ length: parts }, () => ({ chunks: [], failure: null }));
  }

  piece(part: number, bytes: Uint8Array): readonly Uint8Array[] {
    if (this.#over) return this.#leads();
    this.held += bytes.length;
    // A copy: a small reply must not keep a large buffer alive, and inputs may be reused.
    this.#parts[part]?.chunks.push(bytes.slice());
    if (this.held > this.#most) {
      this.#over = true;
      this.held = 0;
      for (const one of this.#parts) one.chunks = [];
    }
    return this.#leads();
  }

  failed(part: number, failure: Failure): readonly Uint8Array[] {
    const one = this.#parts[part];
    if (one !== undefined) one.failure = failure;
    return this.#leads();
  }

  #leads(): readonly Uint8Array[] {
    const lead = this.#lead;
    this.#lead = [];
    return lead;
  }

  next(): NextPlan {
    const failed = this.#parts.some(({ failure }) => failure !== null);
    if (this.#over && !failed) return this.#done({ replies: null });
    const replies = this.#parts.map(({ chunks, failure }): RoundReply => {
      if (failure !== null || chunks.length === 0) return { ...nothing, failure };
      return { ...readReply(join(chunks)), failure };
    });
    return this.#done({ replies });
  }
}

/** How a merged round ended. */
export interface MergedEnd {
  /** What went wrong, "" = nothing. */
  readonly error: string;
  /** A server's status that is not 200, else 0. */
  readonly status: number;
  /** The part that failed, null where none did. */
  readonly failure: Failure | null;
}

/** What a merged round is for. */
export interface MergedOwner {
  /** Rows that are certain. */
  rows(series: Series): void;
  /** A server has named its version. */
  version(version: string): void;
  /** What can leave. */
  take(): readonly Uint8Array[];
  /** Bytes that wait for what follows them. */
  held(): number;
  /** What follows. */
  ended(end: MergedEnd): NextPlan;
}

/** A round whose answers, each to one statement, are merged while they come. */
export class MergedRound implements StreamMerge {
  readonly broken = false;
  readonly #owner: MergedOwner;
  readonly #most: number;
  readonly #merge: SeriesMerge;
  readonly #parts: { reader: PartReader; end: MergedEnd | null; partial: boolean }[];
  #failed = false;

  /** `most` = bytes that may be held. */
  constructor(parts: number, rule: StreamRule, most: number, owner: MergedOwner) {
    this.#owner = owner;
    this.#most = most;
    const far = Math.min(FAR, Math.floor(most / (4 * parts)));
    this.#merge = new SeriesMerge(parts, rule, far, (series) => owner.rows(series));
    this.#parts = Array.from({ length: parts }, () => ({
      reader: new PartReader(),
      end: null,
      partial: false,
    }));
  }

  get held(): number {
    return this.#heldParts() + this.#owner.held();
  }

  ahead(part: number): boolean {
    return !this.#failed && this.#merge.isAhead(part);
  }

  piece(index: number, bytes: Uint8Array, end: boolean): readonly Uint8Array[] {
    const part = this.#parts[index];
    if (part === undefined) return [];
    const { reader } = part;
    const size = reader.held + bytes.length;
    const pieces = reader.read(bytes, end);
    if (reader.version !== "") this.#owner.version(reader.version);
    if (pieces === null) {
      const status = reader.status === 200 ? 502 : reader.status;
      this.#fail(index, { error: reader.error, status, failure: null });
      return this.#owner.take();
    }
    let count = 0;
    for (const { series } of pieces) count += series.length;
    for (const { series, error, open, partial } of pieces) {
      if (error !== "") this.#fail(index, { ...well, error });
      part.partial = partial;
      series.forEach((one, i) => {
        const more = open && i + 1 === series.length;
        if (!this.#failed) this.#merge.push(index, one, more, Math.ceil(size / count));
      });
    }
    if (end && part.partial) this.#fail(index, { ...well, error: cutShort });
    if (this.#failed) return this.#owner.take();
    if (end) this.#merge.end(index);
    this.#merge.advance();
    if (this.#merge.error !== "") this.#fail(index, { ...well, error: this.#merge.error });
    if (this.#heldParts() > this.#most) this.#fail(index, { ...well, error: tooLarge(this.#most) });
    return this.#owner.take();
  }

  failed(part: number, failure: Failure): readonly Uint8Array[] {
    this.#fail(part, { ...well, failure });
    return this.#owner.take();
  }

  next(): NextPlan {
    // Of several that failed the first: which of them was faster must not be seen.
    const bad = this.#parts.find(({ end }) => end !== null);
    return this.#owner.ended(bad?.end ?? well);
  }

  /** Bytes of the clusters' answers. */
  #heldParts(): number {
    let held = this.#merge.held;
    for (const { reader } of this.#parts) held += reader.held;
    return held;
  }

  #fail(index: number, end: MergedEnd): void {
    this.#failed = true;
    this.#merge.clear();
    const part = this.#parts[index];
    if (part !== undefined) part.end ??= end;
  }
}

const nothing: RoundReply = { status: 0, body: new Uint8Array(0), version: "", failure: null };
const well: MergedEnd = { error: "", status: 0, failure: null };
const cutShort = "an upstream's answer ended before it was whole";
/** Bytes of a part that wait before it is read no further. */
const FAR = 1 << 20;

/** Words for an answer of which more than `most` bytes would be held. */
export function tooLarge(most: number): string {
  return `the answer cannot be merged: more than ${most} bytes would be held, see the option maxHeld`;
}
