/**
 * Merges sorted sources while they are still arriving, page by page (a k-way
 * merge). An item leaves as soon as it is certain: when no source that goes on
 * could still bring one before it.
 *
 * ```
 * source 0   1 4 9 …      take() ─▶ 1 2 4     9 waits: source 1 may go on with 5
 * source 1   2 4 …
 * ```
 * A source that runs ahead is held back here, up to a bound; `waitsFor` says
 * whose next page is worth asking for. Costs log(sources) comparisons an item.
 */
import type { Compare } from "./fold.ts";

/** What became of a page: taken; too many items held, nothing taken; not in order (or behind the end), nothing taken. */
export type PageResult = "taken" | "full" | "unsorted";

/** See the module. Equal items leave in the order of the sources, none is dropped. */
export class SortedMerge<T> {
  readonly #compare: Compare<T>;
  readonly #most: number;
  readonly #sources: Source<T>[];
  /** Sources with items, a binary heap by their next one. */
  readonly #heap: Source<T>[] = [];
  /** Sources that go on and have no item here. */
  #lacking: number;
  #held = 0;

  /** `most` = items held at a time, over all sources. */
  constructor(sources: number, compare: Compare<T>, most: number) {
    this.#compare = compare;
    this.#most = most;
    this.#sources = Array.from({ length: sources }, (_, index) => new Source<T>(index));
    this.#lacking = sources;
  }

  /** Items that wait. */
  get held(): number {
    return this.#held;
  }

  /** All sources have ended and all items have been taken. */
  get done(): boolean {
    return this.#lacking === 0 && this.#heap.length === 0;
  }

  /** Sources without which nothing more is certain. */
  get waitsFor(): number[] {
    return this.#sources.filter((each) => each.lacking).map(({ index }) => index);
  }

  /** The next items of a source, in order. The array is kept, not copied. */
  push(source: number, items: readonly T[]): PageResult {
    const own = this.#sources[source] as Source<T>;
    if (items.length === 0) return "taken";
    if (own.ended || !this.#sorted(own, items)) return "unsorted";
    if (this.#held + items.length > this.#most) return "full";
    this.#held += items.length;
    own.last = items[items.length - 1];
    if (!own.lacking) {
      own.pages.push(items);
      return "taken";
    }
    this.#lacking -= 1;
    own.pages = [items];
    own.at = 0;
    this.#heap.push(own);
    this.#rise(this.#heap.length - 1);
    return "taken";
  }

  /** A source has no more items. */
  end(source: number): void {
    const own = this.#sources[source] as Source<T>;
    if (own.lacking) this.#lacking -= 1;
    own.ended = true;
  }

  /** The next items in order, as many as are certain and not more than `most`. */
  take(most: number = Number.POSITIVE_INFINITY): T[] {
    const taken: T[] = [];
    while (taken.length < most && this.#lacking === 0) {
      const [first] = this.#heap;
      if (first === undefined) break;
      taken.push(first.next);
      this.#held -= 1;
      if (!first.advance()) {
        const last = this.#heap.pop() as Source<T>;
        if (last !== first) this.#heap[0] = last;
        if (!first.ended) this.#lacking += 1;
      }
      this.#sink();
    }
    return taken;
  }

  #sorted(source: Source<T>, items: readonly T[]): boolean {
    let before = source.last;
    for (const item of items) {
      if (before !== undefined && this.#compare(before, item) > 0) return false;
      before = item;
    }
    return true;
  }

  #before(a: Source<T>, b: Source<T>): boolean {
    const order = this.#compare(a.next, b.next);
    return order < 0 || (order === 0 && a.index < b.index);
  }

  #rise(from: number): void {
    const heap = this.#heap;
    const own = heap[from] as Source<T>;
    let at = from;
    while (at > 0) {
      const parent = heap[(at - 1) >> 1] as Source<T>;
      if (!this.#before(own, parent)) break;
      heap[at] = parent;
      at = (at - 1) >> 1;
    }
    heap[at] = own;
  }

  #sink(): void {
    const heap = this.#heap;
    const [own] = heap;
    if (own === undefined) return;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      const right = heap[child + 1];
      if (right !== undefined && this.#before(right, heap[child] as Source<T>)) child += 1;
      if (!this.#before(heap[child] as Source<T>, own)) break;
      heap[at] = heap[child] as Source<T>;
      at = child;
    }
    heap[at] = own;
  }
}

/** All items of lists that are there as a whole, in order; equal ones in the order of the lists. */
export function mergeSorted<T>(lists: readonly (readonly T[])[], compare: Compare<T>): T[] | null {
  const merge = new SortedMerge<T>(lists.length, compare, Number.POSITIVE_INFINITY);
  for (const [i, list] of lists.entries()) {
    if (merge.push(i, list) !== "taken") return null;
    merge.end(i);
  }
  return merge.take();
}

/** One source: pages that wait, and the place in the first of them. */
class Source<T> {
  readonly index: number;
  pages: (readonly T[])[] = [];
  at = 0;
  ended = false;
  /** The item that came last: the next one must not belong before it. */
  last: T | undefined = undefined;

  constructor(index: number) {
    this.index = index;
  }

  get lacking(): boolean {
    return this.pages.length === 0 && !this.ended;
  }

  get next(): T {
    return (this.pages[0] as readonly T[])[this.at] as T;
  }

  /** To the next item; false when none is here. */
  advance(): boolean {
    this.at += 1;
    if (this.at === (this.pages[0] as readonly T[]).length) {
      this.pages.shift(); // pages, not items: few
      this.at = 0;
    }
    return this.pages.length > 0;
  }
}
