/**
 * Model: bodies of any length that pass through, as in HTTP.
 *
 * ```
 * PUT key length LF body ─▶ ok LF                GET key LF ─▶ length LF body
 * LIST LF ─▶ (key LF)* . LF, sorted              HEAD key LF ─▶ length LF       (a failure: ! words LF)
 * ```
 * The table must be by ranges in the order of the clusters, so that the lists follow each other.
 */
import type { Codec, Failure, Plan, RouterContext, StreamMerge } from "@echarde/core";
import { join } from "@echarde/core";
import { latin1, textOf } from "../text.ts";
import { ModelLink, ModelSession } from "./model-session.ts";
import { forward, part, refuse } from "./plans.ts";

/** What framing depends on: a line, a line and a body, lines up to a dot. */
const [LINE, BODY, LINES] = [0, 1, 2];
const LF = 10;

class StreamedSession extends ModelSession {
  readonly #router: RouterContext;
  #left = 0;

  constructor(router: RouterContext) {
    super();
    this.#router = router;
  }

  request(bytes: Uint8Array, from: number): Plan | null {
    const at = bytes.indexOf(LF, from);
    if (at < 0) return null;
    this.end = at + 1;
    const [name = "", key = "", length = ""] = textOf(bytes, from, at).split(" ");
    this.label = name;
    this.keyRanges = [];
    if (name === "LIST") {
      const parts = this.#router.table.clusters.map((_, cluster) =>
        part(cluster, latin1("LIST\n"), { expect: LINES }),
      );
      return {
        type: "stream",
        parts,
        merge: new Lists(parts.length),
        hold: false,
        silent: false,
        timeout: -1,
      };
    }
    if (key === "" || !["PUT", "GET", "HEAD"].includes(name)) return refuse("!bad\n", true);
    this.keyRanges = [from + name.length + 1, from + name.length + 1 + key.length];
    const cluster = this.#router.table.route(
      bytes,
      this.keyRanges[0] as number,
      this.keyRanges[1] as number,
    );
    if (name !== "PUT") return forward(cluster, { expect: name === "GET" ? BODY : LINE });
    if (!/^\d{1,9}$/.test(length)) return refuse("!bad\n", true);
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

  failure(failure: Failure): Uint8Array {
    return latin1(`!${failure.reason}\n`);
  }
}

/** One list after the other: the one whose turn it is passes through, those behind it wait. */
class Lists implements StreamMerge {
  broken = false;
  get held(): number {
    return this.#bytes.reduce((sum, { length }) => sum + length, 0);
  }
  #failed = false;
  #turn = 0;
  readonly #bytes: Uint8Array[];
  readonly #ended: boolean[];

  constructor(count: number) {
    this.#bytes = new Array<Uint8Array>(count).fill(new Uint8Array(0));
    this.#ended = new Array<boolean>(count).fill(false);
  }

  piece(at: number, bytes: Uint8Array, end: boolean): readonly Uint8Array[] {
    const out: Uint8Array[] = [];
    if (this.#failed) return out;
    this.#bytes[at] = join([this.#bytes[at] as Uint8Array, bytes]).slice();
    this.#ended[at] = end;
    for (;;) {
      const list = this.#bytes[this.#turn];
      if (list === undefined || list.length < 2) return out;
      out.push(list.slice(0, -2)); // the last two bytes may be the end mark
      this.#bytes[this.#turn] = list.slice(-2);
      if (this.#ended[this.#turn] === false) return out;
      this.#turn += 1;
      if (this.#turn === this.#bytes.length) out.push(latin1(".\n"));
    }
  }

  failed(_at: number, failure: Failure, cut: boolean): readonly Uint8Array[] {
    const first = !this.#failed;
    this.#failed = true;
    this.broken ||= cut;
    return first && !cut ? [latin1(`!${failure.reason}\n`)] : [];
  }
}

class StreamedLink extends ModelLink {
  /** Within the first line, within a body, within further lines. */
  #state: "line" | "body" | "lines" = "line";
  #line = "";
  #left = 0;

  scan(bytes: Uint8Array, from: number, expect: number): number {
    this.event = "reply";
    let at = from;
    while (at < bytes.length) {
      if (this.#state === "body") {
        const end = Math.min(bytes.length, at + this.#left);
        this.#left -= end - at;
        at = end;
        if (this.#left > 0) break;
        this.#state = "line";
        return at;
      }
      const byte = bytes[at++] as number;
      if (byte !== LF) this.#line += String.fromCharCode(byte);
      if (this.#line.length > 99) {
        this.event = "garbage";
        return at;
      }
      if (byte !== LF) continue;
      const line = this.#line;
      const first = this.#state === "line";
      this.#line = "";
      this.#state = "line";
      if (first && line.startsWith("!")) return at;
      if (expect === LINES && line !== ".") this.#state = "lines";
      else if (expect !== BODY) return at;
      else if (!/^\d{1,9}$/.test(line)) this.event = "garbage";
      else this.#left = Number(line);
      if (this.event === "garbage" || (expect === BODY && this.#left === 0)) return at;
      if (expect === BODY) this.#state = "body";
    }
    this.event = "piece";
    return at;
  }
}

/** See the module. */
export const streamed: Codec = {
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
