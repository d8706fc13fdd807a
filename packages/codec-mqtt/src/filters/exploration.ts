/**
 * Which rules can own a topic that a filter matches. Rules and filter tell
 * the texts of a level apart only by the literals in them, so one text that is
 * no such literal ("fresh") stands for all others, and the topics that the
 * filter matches fall into finitely many kinds. Each is walked through the
 * trie with all nodes that it can be at, in order of precedence.
 */
import type { LevelTrie } from "./level-trie.ts";

/** One level of a kind of topics. */
export interface KindLevel {
  /** Its text; of a free level an example. */
  readonly text: string;
  /** Null = the text is fixed; else all texts but these are meant. */
  readonly except: ReadonlySet<string> | null;
}

/** Topics that one rule owns. */
export interface TopicKind {
  /** Index of the rule, -1 = none. */
  readonly rule: number;
  /** Levels; the array is reused, read it at once. */
  readonly levels: readonly KindLevel[];
  /** Any number of further levels may follow. */
  readonly open: boolean;
}

/** Told of every kind. */
export interface Explorer {
  /** A kind of topics that the filter matches. */
  found(kind: TopicKind): void;
  /** Whether topics that are at these places could tell something new. `rule` = what owns those that no place does, -1 = none. */
  wants(nodes: readonly number[], rule: number): boolean;
}

/** Steps of one exploration, a place each: some ten milliseconds, far above what tables that people write need. */
const MAX_STEPS = 100_000;

/**
 * Walks all kinds of topics that the filter (its levels, without `$share`)
 * matches. False = given up after {@link MAX_STEPS}, as tables with many
 * overlapping wildcards can make it: take every cluster then.
 */
export function explore(trie: LevelTrie, filter: readonly string[], explorer: Explorer): boolean {
  const walk = new Walk(trie, filter, explorer);
  walk.step([0], -1, 0);
  return walk.steps < MAX_STEPS;
}

class Walk {
  steps = 0;
  readonly #trie: LevelTrie;
  readonly #filter: readonly string[];
  readonly #explorer: Explorer;
  readonly #path: KindLevel[] = [];

  constructor(trie: LevelTrie, filter: readonly string[], explorer: Explorer) {
    this.#trie = trie;
    this.#filter = filter;
    this.#explorer = explorer;
  }

  /**
   * Topics that begin with the path. `nodes`: where rules for them go on, the
   * first that has an end counts; `rule`: the `#` rule that takes the rest.
   * `at`: the filter's level behind the path (its `#` is at all behind it).
   */
  step(nodes: readonly number[], rule: number, at: number): void {
    if (this.steps >= MAX_STEPS) return;
    this.steps += 1 + nodes.length;
    if (!this.#explorer.wants(nodes, rule)) return;
    const level = this.#filter[at];
    if (nodes.length === 0) {
      this.#rest(rule, at);
      return;
    }
    if ((level === undefined || level === "#") && this.#isTopic()) {
      const owner = nodes.map((node) => this.#trie.ended(node)).find((end) => end >= 0) ?? rule;
      this.#explorer.found({ rule: owner, levels: this.#path, open: false });
    }
    if (level === undefined) return;
    if (level !== "+" && level !== "#") {
      this.#enter({ text: level, except: null }, nodes, rule, at + 1);
      return;
    }
    const next = level === "#" ? at : at + 1;
    const literals = new Set<string>();
    for (const node of nodes) {
      for (const text of (this.#trie.literals[node] as Map<string, number>).keys()) {
        if (this.#path.length > 0 || !text.startsWith("$")) literals.add(text);
      }
    }
    for (const text of literals) this.#enter({ text, except: null }, nodes, rule, next);
    this.#enter({ text: freshText(literals, 0), except: literals }, nodes, rule, next);
  }

  #enter(level: KindLevel, nodes: readonly number[], rule: number, at: number): void {
    const trie = this.#trie;
    const after: number[] = [];
    // Only the first level may not be entered by a wildcard when it begins with "$".
    const hidden = this.#path.length === 0 && level.text.startsWith("$");
    let rest = rule;
    for (const node of nodes) {
      const literal = level.except === null ? trie.literals[node]?.get(level.text) : undefined;
      if (literal !== undefined) after.push(literal);
      if (hidden) continue;
      const plus = trie.plus[node] as number;
      if (plus >= 0) after.push(plus);
      // Takes all that comes to it: what stands behind it in the order is never asked.
      const hash = trie.hashes[node] as number;
      if (hash >= 0) {
        rest = hash;
        break;
      }
    }
    this.#path.push(level);
    this.step(after, rest, at);
    this.#path.pop();
  }

  /** Nothing but `rule` can own what begins with the path, whatever the filter's further levels are. */
  #rest(rule: number, at: number): void {
    const levels = [...this.#path];
    let open = false;
    for (const level of this.#filter.slice(at)) {
      if (level === "#") open = true;
      else if (level === "+") levels.push({ text: freshText(NO_TEXTS, 0), except: NO_TEXTS });
      else levels.push({ text: level, except: null });
    }
    // Never "" alone: only a rule's own literal makes an empty level out of a wildcard, and is a node then.
    this.#explorer.found({ rule, levels, open });
  }

  /** At least one character [MQTT-4.7.3-1]. */
  #isTopic(): boolean {
    return this.#path.length > 1 || (this.#path.length === 1 && this.#path[0]?.text !== "");
  }
}

const NO_TEXTS: ReadonlySet<string> = new Set();

/** A text that is not among `except`, another one for each `index`. */
export function freshText(except: ReadonlySet<string>, index: number): string {
  let text = `x${index}`;
  while (except.has(text)) text += "x";
  return text;
}
