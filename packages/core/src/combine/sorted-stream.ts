/** Answers that are sorted in each part, as one sorted answer that leaves while the parts arrive. */
import type { Failure, StreamMerge } from "../plan.ts";
import type { Compare } from "./fold.ts";
import { SortedMerge } from "./sorted-merge.ts";

/**
 * The merge of a `stream` plan over {@link SortedMerge}. Left to write: what
 * items the bytes of a part hold, what bytes items are, and what an error is.
 * A part that breaks its order, or runs ahead of the others by more than the
 * bound, fails the whole: with an error while nothing has left, else by the end
 * of the client's connection.
 */
export abstract class SortedStream<T> implements StreamMerge {
  broken = false;
  held = 0;
  readonly #merge: SortedMerge<T>;
  #failed = false;
  #cut = false;

  /** `most` = items held at a time, over all parts. */
  constructor(parts: number, compare: Compare<T>, most: number) {
    this.#merge = new SortedMerge(parts, compare, most);
  }

  /** Whole items in the next bytes of a part (views until the call returns); the rest waits for the next call. Null = not the protocol. */
  protected abstract items(part: number, bytes: Uint8Array, end: boolean): readonly T[] | null;

  /** The next items of the answer; `done` = the last ones. */
  protected abstract bytes(items: readonly T[], done: boolean): Uint8Array;

  /** An answer that is an error; null = a server's answer cannot be merged. */
  protected abstract error(failure: Failure | null): Uint8Array;

  piece(part: number, bytes: Uint8Array, end: boolean): readonly Uint8Array[] {
    if (this.#failed) return [];
    const items = this.items(part, bytes, end);
    if (items === null || this.#merge.push(part, items) !== "taken")
      return this.#fail(null, this.#cut);
    if (end) this.#merge.end(part);
    const merged = this.bytes(this.#merge.take(), this.#merge.done);
    this.held = Math.max(0, this.held + bytes.length - merged.length);
    this.#cut ||= merged.length > 0;
    return merged.length > 0 ? [merged] : [];
  }

  failed(_part: number, failure: Failure, cut: boolean): readonly Uint8Array[] {
    return this.#failed ? [] : this.#fail(failure, cut);
  }

  #fail(failure: Failure | null, cut: boolean): readonly Uint8Array[] {
    this.#failed = true;
    this.held = 0;
    this.broken = cut;
    return cut ? [] : [this.error(failure)];
  }
}
