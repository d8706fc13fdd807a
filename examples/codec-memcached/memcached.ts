/**
 * memcached's text protocol over several servers, as if they were one.
 *
 * ```
 * ("get" / "gets") 1*(SP key) CRLF                 ("gat" / "gats") SP exptime 1*(SP key) CRLF
 * ("set" / "add" / "replace" / "append" / "prepend") SP key SP flags SP exptime SP length [SP "noreply"] CRLF data CRLF
 * "cas" SP key SP flags SP exptime SP length SP unique [SP "noreply"] CRLF data CRLF
 * ("incr" / "decr" / "touch") SP key SP number [SP "noreply"] CRLF        "delete" SP key [SP "noreply"] CRLF
 * "flush_all" [SP delay] [SP "noreply"] CRLF       "verbosity" SP level [SP "noreply"] CRLF
 * "stats" [SP words] CRLF                          "version" CRLF           "quit" CRLF
 *
 * reply = *( "VALUE" SP key SP flags SP length [SP unique] CRLF data CRLF / "STAT" SP name SP value CRLF ) last
 * last  = "END" CRLF / "STORED" CRLF / number CRLF / "SERVER_ERROR" SP words CRLF / …
 * ```
 */
import * as core from "@echarde/core";
import { forward, fragment, latin1, local, type Plan, part, refuse, textOf } from "@echarde/core";

const LF = 10;
const lineOf = (text: string): Uint8Array => latin1(`${text}\r\n`);

// #region grammar
const key = " (?<keys>[^ ]{1,250})";
const item = `${key} (?<flags>\\d{1,10}) -?(?<expires>\\d{1,10}) (?<length>\\d{1,9})`;
const word = " (?!noreply$)[^ ]+";
const end = "(?<noreply> noreply)?$";
/** What becomes of a line that has one blank between its words. */
const grammar: readonly (readonly [does: string, line: RegExp])[] = [
  ["get", /^(?:gets?|gats? [^ ]+) (?<keys>[^ ]{1,250}(?: [^ ]{1,250})*)$/],
  ["store", new RegExp(`^(?:set|add|replace|append|prepend)${item}${end}`)],
  ["store", new RegExp(`^cas${item} \\d{1,19}${end}`)],
  ["one", new RegExp(`^delete${key}(?:${word})?${end}`)],
  ["one", new RegExp(`^(?:incr|decr|touch)${key}${word}${end}`)],
  ["all", new RegExp(`^(?:flush_all(?:${word})?|verbosity${word})${end}`)],
  ["stats", /^stats$/],
  ["one", /^version(?: |$)/],
  ["quit", /^quit(?: |$)/],
];
// #endregion

// #region wrong
/** Bytes of a line: a thousand keys of usual length. */
const longest = 128 << 10;
/** A value follows these: when the line is wrong, nobody knows where the next request starts. */
const storing = /^(?:set|add|replace|append|prepend|cas|m[a-z])(?: |$)|\0/;
const badLine = lineOf("CLIENT_ERROR bad command line format");

function wrongLine(line: string): Plan {
  if (storing.test(line)) return refuse(badLine, { end: true });
  return refuse(/[^ ]{251}/.test(line) ? badLine : lineOf("ERROR"));
}
// #endregion

class Session extends core.BaseSession {
  // #region line
  request(bytes: Uint8Array, from: number): Plan | null {
    const body = bytes.indexOf(LF, from) + 1;
    this.need = 0;
    this.end = body || bytes.length;
    if (bytes[from] === 0x80 || this.end - from > longest) return refuse(badLine, { end: true });
    if (body === 0) return null;
    const text = textOf(bytes, from, body).replace(/\r?\n$/, "");
    const line = text.split(/ +/).join(" ").replace(/^ | $/g, "");
    const [does = "unknown", rule] = grammar.find((row) => row[1].test(line)) ?? [];
    this.label = rule === undefined ? does : line.replace(/ .*/s, "");
    const said = rule?.exec(line)?.groups ?? {};
    const keys = said["keys"]?.split(" ") ?? [];
    this.shardKeys = keys.map(latin1);
    const large = Number(said["flags"]) >= 2 ** 32 || Number(said["expires"]) >= 2 ** 31;
    if (rule === undefined || large || line.includes("\0")) return wrongLine(line);
    // #endregion

    // #region value
    let wrong = "";
    if (does === "store") {
      this.end += Number(said["length"]) + 2;
      this.need = this.end - from;
      if (bytes.length < this.end) return null;
      if (textOf(bytes, this.end - 2, this.end) !== "\r\n") wrong = "CLIENT_ERROR bad data chunk";
    }
    // #endregion

    // #region plan
    const { table } = this.router;
    const owners = this.shardKeys.map((key) => table.route(key, 0, key.length));
    if (owners.includes(-1)) wrong = "SERVER_ERROR no cluster owns this key";
    const silent = said["noreply"] !== undefined;
    if (wrong !== "") return silent ? local([]) : refuse(lineOf(wrong));
    const [owner = table.localCluster] = owners;
    const asking = [lineOf(line.replace(/ noreply$/, "")), bytes.subarray(body, this.end)];
    const packet = silent ? asking : [bytes.subarray(from, this.end)];
    const everywhere = table.clusters.map((_, cluster) => part(cluster, packet));
    if (does === "quit") return local([], { end: true });
    if (does === "stats") return fragment(everywhere, merged(sums), { silent });
    if (does === "all") return fragment(everywhere, merged(anyOf), { silent });
    if (silent) return fragment([part(owner, packet)], merged(anyOf), { silent });
    if (new Set(owners).size < 2) return forward(owner);
    // #endregion

    // #region split
    const head = line.slice(0, line.length - (said["keys"]?.length ?? 0));
    const parts = [...core.groupBy(owners, (owner) => owner)].map(([cluster, at]) =>
      part(cluster, lineOf(head + at.map((i) => keys[i]).join(" "))),
    );
    return fragment(parts, merged(inOrderOf(keys)), { silent });
    // #endregion
  }

  failure(failure: core.Failure): Uint8Array {
    return failureLine(failure);
  }
}

// #region failure
/** Our own words: where no server has any. */
function failureLine({ reason, cluster }: core.Failure): Uint8Array {
  if (reason === "too-large") return lineOf("SERVER_ERROR object too large for cache");
  return lineOf(`SERVER_ERROR upstream ${reason}${cluster && ` (cluster ${cluster})`}`);
}
// #endregion

// #region merge
type Merge = (frames: readonly Uint8Array[]) => readonly Uint8Array[];

/** One reply of several: the first error, a server's own before ours, or what `merge` makes of them. */
function merged(merge: Merge): core.Fragment["coalesce"] {
  return (replies) => {
    const error = core.firstError(replies, errorOf);
    if (error === null) return local(merge(replies.flatMap((reply) => reply.frames)));
    return refuse(error.own === null ? failureLine(error.failure) : error.own);
  };
}

/** The error that a reply ends with; null when it is none. */
function errorOf(frame: Uint8Array): Uint8Array | null {
  const last = frame.subarray(frame.lastIndexOf(LF, frame.length - 2) + 1);
  return /^\w*ERROR/.test(textOf(last)) ? last : null;
}

/** All say the same. */
const anyOf: Merge = (frames) => frames.slice(0, 1);
// #endregion

// #region values
/** Values in the order of the keys asked for, as often as they were found: `gat -1 k k` finds one. */
function inOrderOf(keys: readonly string[]): Merge {
  return (frames) => {
    const values = new Map<string, Uint8Array[]>(keys.map((key) => [key, []]));
    for (const [key, block] of frames.flatMap((frame) => [...valuesIn(frame)]).reverse())
      values.get(key)?.push(block);
    return [...keys.flatMap((key) => values.get(key)?.pop() ?? []), lineOf("END")];
  };
}

function* valuesIn(frame: Uint8Array): Generator<readonly [key: string, block: Uint8Array]> {
  for (let from = 0, to = 0; ; from = to) {
    const data = frame.indexOf(LF, from) + 1;
    const [, key, length] = value.exec(textOf(frame, from, data)) ?? [];
    if (key === undefined) return;
    to = data + Number(length) + 2;
    yield [key, frame.subarray(from, to)];
  }
}
// #endregion

// #region sums
const count = /^STAT (?!pid |uptime |time |pointer_|max_conn|hash_|accepting_)(\w+) (\d+)\r$/gm;

/** Counts are added up; what is true of one process alone is left out. */
const sums: Merge = (frames) => {
  const text = frames.map((frame) => textOf(frame)).join("");
  const counts = [...text.matchAll(count)].map(
    ([, name = "", own = ""]) => [name, BigInt(own)] as const,
  );
  const total = core.foldByKey(counts, (a, b) => a + b);
  return [...[...total].map(([name, sum]) => lineOf(`STAT ${name} ${sum}`)), lineOf("END")];
};
// #endregion

// #region link
const value = /^VALUE ([^ ]+) \d+ (\d+)(?: \d+)?\r\n$/;
const last = /^(END|\w*STORED|EXISTS|NOT_FOUND|DELETED|TOUCHED|OK|VERSION .*|\d+|\w*ERROR.*)\r\n$/;

class Link extends core.BaseLink {
  /** Bytes of a value and its CRLF that are still to come. */
  #left = 0;

  scan(bytes: Uint8Array, from: number): number {
    this.event = "piece";
    if (this.#left > 0) {
      const taken = Math.min(this.#left, bytes.length - from);
      this.#left -= taken;
      return from + taken;
    }
    const to = bytes.indexOf(LF, from) + 1;
    const line = textOf(bytes, from, to);
    const [, , length] = value.exec(line) ?? [];
    if (length !== undefined) this.#left = Number(length) + 2;
    else if (to === 0) this.event = bytes.length - from > 2048 ? "garbage" : "need";
    else if (!/^STAT [^ ]+ .*\r\n$/.test(line)) this.event = last.test(line) ? "reply" : "garbage";
    if (/^\w*ERROR/.test(line)) this.errors += 1;
    return to;
  }
}
// #endregion

// #region codec
/** For `createRouter` and `createShardServer`. */
export const memcached: core.Codec = {
  name: "memcached",
  matching: "order",
  ordering: "in-order",
  needs: ["fanOut", "timers"],
  hashTag: null,
  start: (router) => ({ session: () => new Session(router), link: () => new Link() }),
};
// #endregion
