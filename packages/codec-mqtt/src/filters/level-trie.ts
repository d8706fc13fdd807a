/**
 * Rules by their levels. A node stands for the first levels of rules; a rule
 * ends at a node, or has its `#` there. Look-ups walk the levels of a topic:
 * a literal before `+` before `#` at each level, leftmost first, going back
 * where nothing ends. The cost is that of the topic's length times the
 * wildcard rules that begin like it; nothing is allocated.
 */
import { encodeUtf8 } from "@echarde/core";

/** See the module. Immutable once filled. */
export class LevelTrie {
  /** Literal children of each node by text. */
  readonly literals: Map<string, number>[] = [new Map()];
  /** `+` child of each node, -1 = none. */
  readonly plus: number[] = [-1];
  /** Rule that ends at each node, -1 = none. */
  readonly ends: number[] = [-1];
  /** Rule that has its `#` behind each node, -1 = none. */
  readonly hashes: number[] = [-1];
  /** Parent of each node, -1 = root; always smaller than the node. */
  readonly parents: number[] = [-1];

  /** Open-addressed: literal child nodes by parent and text. */
  #slots: Int32Array = new Int32Array(1);
  /** Texts of literal children in UTF-8. */
  readonly #labels: Uint8Array[] = [NONE];

  /** Adds a rule; returns another one with the same levels, or -1. */
  add(levels: readonly string[], rule: number): number {
    let node = 0;
    for (const level of levels) {
      if (level === "#") return claim(this.hashes, node, rule);
      node = level === "+" ? this.#plusChild(node) : this.#literalChild(node, level);
    }
    return claim(this.ends, node, rule);
  }

  /** Builds the table of the look-ups. Call once, behind the last `add`. */
  seal(): void {
    let size = 4;
    while (size < this.#labels.length * 2) size *= 2;
    this.#slots = new Int32Array(size).fill(-1);
    this.literals.forEach((children, node) => {
      for (const child of children.values()) {
        const label = this.#labels[child] as Uint8Array;
        let slot = slotOf(node, hashOf(label, 0, label.length));
        while (this.#slots[slot & (size - 1)] !== -1) slot++;
        this.#slots[slot & (size - 1)] = child;
      }
    });
  }

  /** The rule that owns the topic at `bytes[from, to)`, -1 = none. */
  find(bytes: Uint8Array, from: number, to: number): number {
    return this.#find(0, bytes, from, to);
  }

  /** The rule of a topic that ends at the node, -1 = none. */
  ended(node: number): number {
    const rule = this.ends[node] as number;
    return rule >= 0 ? rule : (this.hashes[node] as number);
  }

  #find(node: number, bytes: Uint8Array, from: number, to: number): number {
    let hash = SEED;
    let at = from;
    while (at < to && bytes[at] !== SLASH) {
      hash = Math.imul(hash ^ (bytes[at] as number), PRIME);
      at++;
    }
    const child = this.#lookUp(node, hash, bytes, from, at);
    if (child >= 0) {
      const rule = at === to ? this.ended(child) : this.#find(child, bytes, at + 1, to);
      if (rule >= 0) return rule;
    }
    // [MQTT-4.7.2-1]; a topic is not empty, so its first byte is there.
    if (node === 0 && bytes[from] === DOLLAR) return -1;
    const plus = this.plus[node] as number;
    if (plus >= 0) {
      const rule = at === to ? this.ended(plus) : this.#find(plus, bytes, at + 1, to);
      if (rule >= 0) return rule;
    }
    return this.hashes[node] as number;
  }

  #lookUp(node: number, hash: number, bytes: Uint8Array, from: number, to: number): number {
    const slots = this.#slots;
    const mask = slots.length - 1;
    for (let slot = slotOf(node, hash); ; slot++) {
      const child = slots[slot & mask] as number;
      if (child < 0) return -1;
      if (this.parents[child] !== node) continue;
      const label = this.#labels[child] as Uint8Array;
      if (label.length !== to - from) continue;
      let i = 0;
      while (i < label.length && label[i] === bytes[from + i]) i++;
      if (i === label.length) return child;
    }
  }

  #plusChild(node: number): number {
    const child = this.plus[node] as number;
    if (child >= 0) return child;
    this.plus[node] = this.plus.length;
    return this.#newNode(node, NONE);
  }

  #literalChild(node: number, level: string): number {
    const children = this.literals[node] as Map<string, number>;
    const child = children.get(level);
    if (child !== undefined) return child;
    children.set(level, this.plus.length);
    return this.#newNode(node, encodeUtf8(level));
  }

  #newNode(parent: number, label: Uint8Array): number {
    this.literals.push(new Map());
    this.plus.push(-1);
    this.ends.push(-1);
    this.hashes.push(-1);
    this.#labels.push(label);
    return this.parents.push(parent) - 1;
  }
}

const NONE: Uint8Array = new Uint8Array(0);
const SLASH = 47;
const DOLLAR = 36;
/** FNV-1a, 32 bits. */
const SEED: number = 0x811c9dc5 | 0;
const PRIME = 0x01000193;

function hashOf(bytes: Uint8Array, from: number, to: number): number {
  let hash = SEED;
  for (let i = from; i < to; i++) hash = Math.imul(hash ^ (bytes[i] as number), PRIME);
  return hash;
}

/** Non-negative, so that counting up from it stays an index under any mask. */
function slotOf(node: number, hash: number): number {
  const mixed = hash ^ Math.imul(node, 0x9e3779b1);
  return (mixed ^ (mixed >>> 15)) & 0x3fffffff;
}

function claim(rules: number[], node: number, rule: number): number {
  const before = rules[node] as number;
  if (before < 0) rules[node] = rule;
  return before;
}
