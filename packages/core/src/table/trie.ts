/**
 * A radix trie over sorted byte strings, in flat arrays. Each node stands for
 * the interval of entries that begin with its bytes, so that one structure
 * finds both the longest prefix of a key and the greatest entry up to it.
 * Both cost the key's length, whatever the number of entries; no allocation.
 */
export class Trie {
  readonly #size: number;
  /** All entries, end to end: labels are parts of it. */
  readonly #pool: Uint8Array;
  /** Rows of eight words, so that one look at a node costs one cache line. */
  readonly #nodes: Uint32Array;
  /** First byte of each node's label: what the parent searches. */
  readonly #first: Uint8Array;
  readonly #separator: number;

  /**
   * `entries` must be sorted bytewise, without duplicates. `separator` is a
   * byte that must follow (or end) an entry for it to be a prefix of a key
   * by whole levels; -1 = any byte may follow.
   */
  constructor(entries: readonly Uint8Array[], separator: number) {
    this.#size = entries.length;
    this.#separator = separator;
    const starts = new Uint32Array(entries.length + 1);
    entries.forEach((entry, i) => {
      starts[i + 1] = (starts[i] as number) + entry.length;
    });
    this.#pool = new Uint8Array(starts[entries.length] as number);
    entries.forEach((entry, i) => {
      this.#pool.set(entry, starts[i]);
    });

    // Breadth first, so that the children of a node stand side by side. Rows are filled as the loop comes to them.
    const low: number[] = [0];
    const high: number[] = [entries.length];
    const depth: number[] = [0];
    const labelFrom: number[] = [];
    const labelTo: number[] = [];
    const child: number[] = [];
    const children: number[] = [];
    const ends: number[] = [];
    for (let node = 0; node < low.length && entries.length > 0; node++) {
      const begin = low[node] as number;
      const end = high[node] as number;
      const first = entries[begin] as Uint8Array;
      const last = entries[end - 1] as Uint8Array;
      let at = depth[node] as number;
      labelFrom.push((starts[begin] as number) + at);
      while (at < first.length && first[at] === last[at]) at++;
      labelTo.push((starts[begin] as number) + at);
      const terminal = first.length === at;
      ends.push(terminal ? 1 : 0);
      child.push(low.length);
      let group = terminal ? begin + 1 : begin;
      const before = low.length;
      while (group < end) {
        const byte = entries[group]?.[at];
        let next = group + 1;
        while (next < end && entries[next]?.[at] === byte) next++;
        low.push(group);
        high.push(next);
        depth.push(at);
        group = next;
      }
      children.push(low.length - before);
    }
    this.#nodes = new Uint32Array(ROW * labelFrom.length);
    labelFrom.forEach((from, node) => {
      const row = [from, labelTo, low, high, ends, child, children];
      row.forEach((column, i) => {
        this.#nodes[ROW * node + i] =
          typeof column === "number" ? column : (column[node] as number);
      });
    });
    this.#first = Uint8Array.from(labelFrom, (at) => this.#pool[at] as number);
  }

  /** Index of the longest entry that begins `bytes[from, to)`, -1 = none. */
  longestPrefix(bytes: Uint8Array, from: number, to: number): number {
    if (this.#size === 0) return -1;
    const nodes = this.#nodes;
    const pool = this.#pool;
    const separator = this.#separator;
    let best = -1;
    let node = 0;
    let at = from;
    for (;;) {
      const row = ROW * node;
      const labelTo = nodes[row + LABEL_TO] as number;
      for (let i = nodes[row + LABEL_FROM] as number; i < labelTo; i++, at++) {
        if (at === to || bytes[at] !== pool[i]) return best;
      }
      if (
        nodes[row + ENDS] === 1 &&
        (separator < 0 ||
          at === to ||
          at === from ||
          bytes[at] === separator ||
          bytes[at - 1] === separator)
      ) {
        best = nodes[row + LOW] as number;
      }
      if (at === to) return best;
      node = this.#childUpTo(node, bytes[at] as number);
      if (node < 0 || this.#first[node] !== bytes[at]) return best;
    }
  }

  /** Index of the greatest entry that is not behind `bytes[from, to)` in bytewise order, -1 = none. */
  floor(bytes: Uint8Array, from: number, to: number): number {
    if (this.#size === 0) return -1;
    const nodes = this.#nodes;
    const pool = this.#pool;
    let node = 0;
    let at = from;
    for (;;) {
      const row = ROW * node;
      const labelTo = nodes[row + LABEL_TO] as number;
      for (let i = nodes[row + LABEL_FROM] as number; i < labelTo; i++, at++) {
        if (at === to) return (nodes[row + LOW] as number) - 1;
        const difference = (bytes[at] as number) - (pool[i] as number);
        if (difference < 0) return (nodes[row + LOW] as number) - 1;
        if (difference > 0) return (nodes[row + HIGH] as number) - 1;
      }
      // What stands before all children: the node's own entry, or the one before the whole interval.
      const before = (nodes[row + LOW] as number) - 1 + (nodes[row + ENDS] as number);
      if (at === to) return before;
      const next = this.#childUpTo(node, bytes[at] as number);
      if (next < 0) return before;
      if (this.#first[next] !== bytes[at]) return (nodes[ROW * next + HIGH] as number) - 1;
      node = next;
    }
  }

  /** The child with the greatest first byte up to `byte`, -1 = none. At most nine steps. */
  #childUpTo(node: number, byte: number): number {
    const begin = this.#nodes[ROW * node + CHILD] as number;
    let low = begin;
    let high = begin + (this.#nodes[ROW * node + CHILDREN] as number);
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#first[middle] as number) <= byte) low = middle + 1;
      else high = middle;
    }
    return low === begin ? -1 : low - 1;
  }
}

/** Words of a node's row; one stays free. */
const ROW = 8;
/** The label is `[LABEL_FROM, LABEL_TO)` of the pool. */
const LABEL_FROM = 0;
const LABEL_TO = 1;
/** Entries in `[LOW, HIGH)` begin with the node's bytes. */
const LOW = 2;
const HIGH = 3;
/** 1 = entry `LOW` is the node's bytes. */
const ENDS = 4;
/** Its children are the `CHILDREN` nodes from `CHILD` on, by first byte. */
const CHILD = 5;
const CHILDREN = 6;
