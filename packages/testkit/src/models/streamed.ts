/**
 * Model: bodies of any length that pass through, as in HTTP.
 *
 * ```
 * PUT key length LF body ─▶ ok LF                GET key LF ─▶ length LF body
 * LIST LF ─▶ (key LF)* . LF, sorted              HEAD key LF ─▶ length LF       (a failure: ! words LF)
 * ```
 */
import * as core from "@echarde/core";
import { forward, latin1, part, refuse, stream, textOf } from "@echarde/core";

/** What framing depends on: a line, a line and a body, lines up to a dot. */
const [LINE, BODY, LINES] = [0, 1, 2];
const LF = 10;

class StreamedSession extends core.BaseSession {
  #left = 0;

  request(bytes: Uint8Array, from: number): core.Plan | null {
    const at = bytes.indexOf(LF, from);
    if (at < 0) return null;
    this.end = at + 1;
    const line = /^(LIST|GET|HEAD|PUT)(?: (\w\S*))?(?: (\d{1,9}))?$/.exec(textOf(bytes, from, at));
    const [, name = "bad", key = "", length = ""] = line ?? [];
    this.label = name;
    this.shardKeys = key === "" ? [] : [latin1(key)];
    const { table } = this.router;
    if (name === "LIST" && key === "" && length === "") {
      const parts = table.clusters.map((_, i) => part(i, "LIST\n", { expect: LINES }));
      return stream(parts, new Lists(parts.length));
    }
    if (key === "" || (name === "PUT") !== (length !== "")) return refuse("!bad\n", { end: true });
    const cluster = table.route(latin1(key), 0, key.length);
    if (name !== "PUT") return forward(cluster, { expect: name === "GET" ? BODY : LINE });
    this.#left = Number(length);
    this.more = this.#left > 0;
    return forward(cluster, { lane: "private" });
  }

  override body(bytes: Uint8Array, from: number): number {
    const end = Math.min(bytes.length, from + this.#left);
    this.#left -= end - from;
    this.more = this.#left > 0;
    return end;
  }

  failure({ reason }: core.Failure): Uint8Array {
    return latin1(`!${reason}\n`);
  }
}

/** Sorted lists as one: a key leaves when no list can bring one before it. */
class Lists implements core.StreamMerge {
  broken = false;
  held = 0;
  #failed = false;
  /** The line of each list that is not whole yet. */
  readonly #line: string[];
  readonly #merge: core.SortedMerge<string>;

  constructor(count: number) {
    this.#line = new Array<string>(count).fill("");
    this.#merge = new core.SortedMerge(count, (a, b) => (a < b ? -1 : Number(a > b)), 100_000);
  }

  piece(at: number, bytes: Uint8Array, end: boolean): readonly Uint8Array[] {
    if (this.#failed) return [];
    const lines = (this.#line[at] + textOf(bytes)).split("\n");
    this.#line[at] = lines.pop() ?? "";
    const keys = lines.filter((line) => line !== ".");
    this.broken = this.#merge.push(at, keys) !== "taken";
    if (end) this.#merge.end(at);
    const sorted = this.#merge.take().map((key) => latin1(`${key}\n`));
    if (this.#merge.done) sorted.push(latin1(".\n"));
    this.held += bytes.length - core.join(sorted).length;
    return sorted;
  }

  failed(_at: number, { reason }: core.Failure, cut: boolean): readonly Uint8Array[] {
    const first = !this.#failed;
    this.#failed = true;
    this.broken ||= cut;
    return first && !cut ? [latin1(`!${reason}\n`)] : [];
  }
}

class StreamedLink extends core.BaseLink {
  #line = "";
  /** Bytes of a body that are still to come. */
  #left = 0;

  scan(bytes: Uint8Array, from: number, expect: number): number {
    this.event = "piece";
    if (this.#left > 0) {
      const end = Math.min(bytes.length, from + this.#left);
      this.#left -= end - from;
      if (this.#left === 0) this.event = "reply";
      return end;
    }
    const end = bytes.indexOf(LF, from) + 1 || bytes.length;
    this.#line += textOf(bytes, from, end);
    if (this.#line.length > 100) this.event = "garbage";
    if (bytes[end - 1] !== LF) return end;
    const line = this.#line.slice(0, -1);
    this.#line = "";
    if (line.startsWith("!") || expect === LINE || (expect === LINES && line === "."))
      this.event = "reply";
    else if (expect === BODY) this.#startBody(line);
    return end;
  }

  #startBody(length: string): void {
    if (!/^\d{1,9}$/.test(length)) this.event = "garbage";
    else if (Number(length) === 0) this.event = "reply";
    else this.#left = Number(length);
  }
}

/** See the module. */
export const streamed: core.Codec = {
  name: "streamed",
  matching: "order",
  ordering: "in-order",
  needs: ["fanOut", "privateLinks", "timers"],
  hashTag: null,
  start: (router) => ({
    session: () => new StreamedSession(router),
    link: () => new StreamedLink(),
  }),
};
