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
  readonly #labelFrom: Uint32Array;
  readonly #labelTo: Uint32Array;
  /** First byte of the label: what the parent searches. */
  readonly #first: Uint8Array;
  readonly #child: Uint32Array;
  readonly #children: Uint16Array;
  /** Entries in `[low, high)` begin with the node's bytes. */
  readonly #low: Uint32Array;
  readonly #high: Uint32Array;
  /** 1 = entry `low` is the node's bytes. */
  readonly #ends: Uint8Array;
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
    this.#low = Uint32Array.from(low);
    this.#high = Uint32Array.from(high);
    this.#labelFrom = Uint32Array.from(labelFrom);
    this.#labelTo = Uint32Array.from(labelTo);
    this.#child = Uint32Array.from(child);
    this.#children = Uint16Array.from(children);
    this.#ends = Uint8Array.from(ends);
    this.#first = Uint8Array.from(labelFrom, (at) => this.#pool[at] as number);
  }

  /** Index of the longest entry that begins `bytes[from, to)`, -1 = none. */
  longestPrefix(bytes: Uint8Array, from: number, to: number): number {
    if (this.#size === 0) return -1;
    const pool = this.#pool;
    const separator = this.#separator;
    let best = -1;
    let node = 0;
    let at = from;
    for (;;) {
      const labelTo = this.#labelTo[node] as number;
      for (let i = this.#labelFrom[node] as number; i < labelTo; i++, at++) {
        if (at === to || bytes[at] !== pool[i]) return best;
      }
      if (
        this.#ends[node] === 1 &&
        (separator < 0 ||
          at === to ||
          at === from ||
          bytes[at] === separator ||
          bytes[at - 1] === separator)
      ) {
        best = this.#low[node] as number;
      }
      if (at === to) return best;
      node = this.#childUpTo(node, bytes[at] as number);
      if (node < 0 || this.#first[node] !== bytes[at]) return best;
    }
  }

  /** Index of the greatest entry that is not behind `bytes[from, to)` in bytewise order, -1 = none. */
  floor(bytes: Uint8Array, from: number, to: number): number {
    if (this.#size === 0) return -1;
    const pool = this.#pool;
    let node = 0;
    let at = from;
    for (;;) {
      const labelTo = this.#labelTo[node] as number;
      for (let i = this.#labelFrom[node] as number; i < labelTo; i++, at++) {
        if (at === to) return (this.#low[node] as number) - 1;
        const difference = (bytes[at] as number) - (pool[i] as number);
        if (difference < 0) return (this.#low[node] as number) - 1;
        if (difference > 0) return (this.#high[node] as number) - 1;
      }
      // What stands before all children: the node's own entry, or the one before the whole interval.
      const before = (this.#low[node] as number) - 1 + (this.#ends[node] as number);
      if (at === to) return before;
      const next = this.#childUpTo(node, bytes[at] as number);
      if (next < 0) return before;
      if (this.#first[next] !== bytes[at]) return (this.#high[next] as number) - 1;
      node = next;
    }
  }

  /** The child with the greatest first byte up to `byte`, -1 = none. At most nine steps. */
  #childUpTo(node: number, byte: number): number {
    const begin = this.#child[node] as number;
    let low = begin;
    let high = begin + (this.#children[node] as number);
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#first[middle] as number) <= byte) low = middle + 1;
      else high = middle;
    }
    return low === begin ? -1 : low - 1;
  }
}
