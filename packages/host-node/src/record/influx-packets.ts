/**
 * Requests to InfluxDB servers.
 *
 * ```
 * words = method and target, the series of a write or the text of a query, [bytes left out]
 * ```
 * Of targets and forms only what concerns routing is kept: never a user, a password, a token or bound
 * parameters. Fields and times of a write are left out, and so are the texts in a query that its plan does
 * not depend on.
 */
import type { Explanation, Router } from "@echarde/core";
import { decodeUtf8, encodeUtf8 } from "@echarde/core";
import { defaultRequestLimits, Gunzip, parseQuery, RequestReader } from "@echarde/http1";
import { HeldBytes } from "./held-bytes.ts";
import {
  type Explain,
  largestPacket,
  leftOut,
  type PacketKind,
  type PacketReader,
  plannedKeys,
  quoted,
  type ReaderOptions,
} from "./packets.ts";
import { seriesOf } from "./series.ts";
import type { Word } from "./trace.ts";

/** See the module. */
export const influxPackets: PacketKind = {
  reader: (options) => new InfluxReader(options),
  show: ([line, content, left]) => {
    const parts = [printed(textOf(line))];
    if (textOf(content) !== "")
      parts.push(
        ...textOf(content)
          .split("\n")
          .map((each) => quoted(each)),
      );
    return [...parts, ...(typeof left === "number" ? [leftOut(left)] : [])].join(" ");
  },
  plan: ([line, content, left], router) => {
    const found = planned(textOf(line), textOf(content), typeof left === "number", router);
    if (found === null) return null;
    const clusters = [...new Set(found.packets.map(({ cluster }) => cluster))];
    const all = [{ name: quoted(textOf(content)), clusters, because: found.request }];
    const parts = isWrite(textOf(line)) ? plannedKeys(found) : clusters.length === 0 ? [] : all;
    return { request: found.request, parts };
  },
};

class InfluxReader implements PacketReader {
  readonly #options: ReaderOptions;
  readonly #reader = new RequestReader({ ...defaultRequestLimits, body: largestPacket });
  readonly #held = new HeldBytes();
  #line = "";
  #kept: Map<string, string> = new Map();
  #gzip = false;
  #body: Uint8Array[] = [];

  constructor(options: ReaderOptions) {
    this.#options = options;
  }

  read(chunk: Uint8Array): boolean {
    const bytes = this.#held.add(chunk);
    if (bytes === null) return true;
    const reader = this.#reader;
    let at = 0;
    for (;;) {
      at = reader.read(bytes, at);
      if (reader.event === "fault") return false;
      if (reader.event === "need") break;
      if (reader.event === "head") this.#begin(bytes);
      else if (reader.body.dataTo > reader.body.dataFrom) {
        this.#body.push(bytes.slice(reader.body.dataFrom, reader.body.dataTo));
      }
      if (reader.complete) this.#end();
    }
    const rest = bytes.slice(at);
    this.#held.keep(rest, rest.length + 1);
    return true;
  }

  #begin(bytes: Uint8Array): void {
    const { head } = this.#reader;
    const { pairs } = parseQuery(bytes, head.queryFrom, head.queryTo);
    this.#kept = new Map(pairs.map(({ name, value }) => [decodeUtf8(name), decodeUtf8(value)]));
    this.#line = `${head.method} ${head.path(bytes)}`;
    this.#gzip = head.fields.find(bytes, encodeUtf8("content-encoding")) >= 0;
    this.#body = [];
  }

  #end(): void {
    const { values, explain, packet } = this.#options;
    const sent = Buffer.concat(this.#body);
    const body = this.#gzip ? expanded(sent) : sent;
    if (isWrite(this.#line)) {
      const content = values
        ? new Uint8Array(body ?? sent)
        : bytesOf(seriesOf(body ?? none).join("\n"));
      packet(
        [bytesOf(this.#target()), content, ...(values ? [] : [sent.length - content.length])].map(
          known,
        ),
      );
      return;
    }
    const form = this.#line === "POST /query" ? parseQuery(sent, 0, sent.length) : null;
    for (const { name, value } of form?.pairs ?? [])
      this.#kept.set(decodeUtf8(name), decodeUtf8(value));
    const q = this.#kept.get("q") ?? "";
    const line = this.#target();
    packet([
      bytesOf(line),
      bytesOf(values && !namesPassword(q) ? q : maskedQuery(line, q, explain)),
    ]);
  }

  /** Method and path, with the pairs that routing and reading take. */
  #target(): string {
    const pairs = [...this.#kept].filter(([name]) => kept.has(name));
    const query = pairs.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join("&");
    return query === "" ? this.#line : `${this.#line}?${query}`;
  }
}

/** A query without its texts, where it is planned as with them; passwords are texts, and never kept. */
function maskedQuery(line: string, q: string, explain: Explain): string {
  const masked = q.replace(/'(?:[^'\\\n]|\\.)*'/g, (text) =>
    /^'\d{4}-\d\d/.test(text) ? text : "''",
  );
  if (masked === q || namesPassword(q)) return masked;
  const whereOf = (text: string): string =>
    JSON.stringify(
      explain(requestOf(line, text, false)).map(({ plan, packets }) => [
        plan,
        packets.map(({ cluster }) => cluster),
      ]),
    );
  return whereOf(masked) === whereOf(q) ? masked : q;
}

function namesPassword(q: string): boolean {
  return /password/i.test(q);
}

function planned(
  line: string,
  content: string,
  masked: boolean,
  router: Router,
): Explanation | null {
  const [found] = router.explain(requestOf(line, content, masked));
  return found === undefined || found.plan === "refuse" ? null : found;
}

/** The request that a client would send; a series that is alone gets a field. */
function requestOf(line: string, content: string, masked: boolean): Uint8Array {
  const lines = masked ? content.split("\n").map((series) => `${series} v=0`) : [content];
  const [, method = "GET", path = "/", query = ""] = /^(\S+) ([^?\s]*)\??(\S*)$/.exec(line) ?? [];
  const pairs = `${query}${query === "" ? "" : "&"}q=${encodeURIComponent(content)}`;
  const isQuery = path === "/query";
  const target = isQuery ? `${path}?${pairs}` : query === "" ? path : `${path}?${query}`;
  const body = Buffer.from(isWrite(line) && content !== "" ? lines.join("\n") : "");
  const head = `${method} ${target} HTTP/1.1\r\nHost: trace\r\nContent-Length: ${body.length}\r\n\r\n`;
  return new Uint8Array(Buffer.concat([Buffer.from(head), body]));
}

function isWrite(line: string): boolean {
  return /^POST \/(?:write|api\/v2\/write)(?:\?|$)/.test(line);
}

/** Null when it is no gzip, or more than is held. */
function expanded(bytes: Uint8Array): Uint8Array | null {
  const gunzip = new Gunzip({ output: largestPacket });
  const pieces = gunzip.write(bytes, 0, bytes.length).map((piece) => piece.slice());
  return gunzip.end() ? Buffer.concat(pieces) : null;
}

function known(word: Word): Word {
  return typeof word === "number" ? Math.max(0, word) : word;
}

function bytesOf(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text));
}

function textOf(word: Word | undefined): string {
  return word instanceof Uint8Array ? Buffer.from(word).toString("utf8") : "";
}

/** A target as people read it: nothing that a terminal would act upon. */
function printed(text: string): string {
  return text.replace(/[^ -~]/g, "?").slice(0, 200);
}

/** Pairs of a target or form that are kept. */
const kept: ReadonlySet<string> = new Set([
  ...["db", "rp", "precision", "bucket", "org", "epoch", "chunked", "chunk_size", "consistency"],
]);
const none = new Uint8Array(0);
