/** YAML text with a place for everything in it. */
import {
  Document,
  isAlias,
  isCollection,
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  visit,
} from "yaml";

/** One thing that is wrong (or looks so) at a place of a file. */
export interface Problem {
  /** From 1. */
  readonly line: number;
  /** From 1. */
  readonly column: number;
  /** An error keeps the file from being used. */
  readonly severity: "error" | "warning";
  /** What is wrong and what would be right. */
  readonly message: string;
}

/** See the module. */
export class Source {
  /** Errors of the YAML itself, by place. */
  readonly problems: readonly Problem[];
  /** The data; undefined when the YAML is wrong. */
  readonly data: unknown;
  readonly #text: string;
  #document: Document;
  #lines = new LineCounter();
  #released = false;

  constructor(text: string) {
    this.#text = text;
    this.#document = this.#parse();
    this.problems = this.#document.errors.map((error) => ({
      ...this.#place(error.pos[0]),
      severity: "error",
      message: withoutValues(error.message),
    }));
    if (this.problems.length === 0) this.problems = this.#strayAliases();
    this.data = this.problems.length === 0 ? this.#read() : undefined;
  }

  /**
   * Lets go of the parsed text, which is several times as large as its data. A `place` that is asked
   * for after that parses it again.
   */
  release(): void {
    this.#document = new Document();
    this.#lines = new LineCounter();
    this.#released = true;
  }

  /**
   * Where the value at `path` stands: its key, when `inKey` says so or the value begins on a line of
   * its own; the nearest place around it when there is none.
   */
  place(
    path: readonly (string | number)[],
    inKey: boolean,
  ): { readonly line: number; readonly column: number } {
    if (this.#released) {
      this.#document = this.#parse();
      this.#released = false;
    }
    let node: Node | null = this.#resolve(this.#document.contents);
    let at = offsetOf(node) ?? 0;
    for (const step of path) {
      const pair = stepInto(node, step);
      if (pair === null) break;
      node = this.#resolve(pair.value);
      const useKey = inKey || (isCollection(node) && node.flow !== true);
      at = (useKey ? offsetOf(pair.key) : offsetOf(node)) ?? at;
    }
    return this.#place(at);
  }

  #parse(): Document {
    return parseDocument(this.#text, { lineCounter: this.#lines, prettyErrors: false });
  }

  /** Aliases that nothing stands for: as a rule a text that begins with `*` and has no quotes. */
  #strayAliases(): readonly Problem[] {
    const problems: Problem[] = [];
    visit(this.#document, {
      Alias: (_, alias) => {
        if (alias.resolve(this.#document) !== undefined) return;
        const message = "an alias of nothing; put a text that begins with * in quotes";
        problems.push({ ...this.#place(offsetOf(alias) ?? 0), severity: "error", message });
      },
    });
    return problems;
  }

  #read(): unknown {
    // Aliases that multiply each other would fill the memory; the default of 100 stays.
    return this.#document.toJS() as unknown;
  }

  #resolve(node: unknown): Node | null {
    if (isAlias(node)) return node.resolve(this.#document) ?? null;
    return isNode(node) ? node : null;
  }

  #place(offset: number): { line: number; column: number } {
    const { line, col } = this.#lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  }
}

/** What YAML's messages quote behind a colon may be a password that lacks its quotes. */
function withoutValues(message: string): string {
  return message.replace(/(?<=\S): .*$/s, "");
}

interface Step {
  readonly key: unknown;
  readonly value: unknown;
}

function stepInto(node: Node | null, step: string | number): Step | null {
  if (isSeq(node)) {
    const value = node.items[Number(step)];
    return value === undefined ? null : { key: value, value };
  }
  if (!isMap(node)) return null;
  const pair = node.items.find((item: Pair) => {
    const { key } = item;
    return isPair(item) && String(isScalar(key) ? key.value : key) === String(step);
  });
  return pair ?? null;
}

function offsetOf(node: unknown): number | null {
  return isNode(node) ? (node.range?.[0] ?? null) : null;
}
