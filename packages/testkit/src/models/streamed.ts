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
      return stream(parts, new Lists(parts.length, byText, 100_000));
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

const byText = (a: string, b: string): number => (a < b ? -1 : Number(a > b));

/** Sorted lists as one. */
class Lists extends core.SortedStream<string> {
  /** The line of each list that is not whole yet. */
  readonly #lines: string[] = [];

  protected items(part: number, bytes: Uint8Array): readonly string[] | null {
    const lines = ((this.#lines[part] ?? "") + textOf(bytes)).split("\n");
    this.#lines[part] = lines.pop() ?? "";
    return lines[0]?.startsWith("!") ? null : lines.filter((line) => line !== ".");
  }

  protected bytes(keys: readonly string[], done: boolean): Uint8Array {
    return latin1([...keys, ...(done ? ["."] : [])].map((line) => `${line}\n`).join(""));
  }

  protected error(failure: core.Failure | null): Uint8Array {
    return latin1(`!${failure?.reason ?? "garbage"}\n`);
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
    if (this.event === "garbage" || bytes[end - 1] !== LF) return end;
    const line = this.#line.slice(0, -1);
    this.#line = "";
    if (line.startsWith("!")) this.event = "reply";
    else if (expect === BODY && !/^\d{1,9}$/.test(line)) this.event = "garbage";
    else if (expect === BODY && Number(line) > 0) this.#left = Number(line);
    else if (expect !== LINES || line === ".") this.event = "reply";
    return end;
  }
}

/** See the module. */
export const streamed: core.Codec = core.defineCodec("streamed", (router) => ({
  session: () => new StreamedSession(router),
  link: () => new StreamedLink(),
}));
