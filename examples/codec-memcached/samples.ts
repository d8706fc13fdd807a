/** What the compliance kit must be told about memcached. */

import { latin1, textOf } from "@echarde/core";
import type { CodecSamples, ModelRequest, Random } from "@echarde/testkit";
import { MemcachedModel } from "./model-server.ts";

// #region samples
const long = "x".repeat(3000);

/** Keys below `n` are of mc1, all others of mc2. */
export const samples: CodecSamples = {
  table: {
    clusters: { mc1: { endpoints: ["mc1:11211"] }, mc2: { endpoints: ["mc2:11211"] } },
    defaultCluster: "mc1",
    routes: [{ range: ["n", "~"], cluster: "mc2" }],
  },
  requests: [
    ["get apple\r\n", "forward", "mc1"],
    ["gets zebra zoo\r\n", "forward", "mc2"],
    ["get apple zebra apple\r\n", "fragment"],
    ["gat 100 apple zebra\r\n", "fragment"],
    ["set zebra 5 0 7\r\nget a\r\n\r\n", "forward", "mc2"],
    [`set apple 0 0 ${long.length}\r\n${long}\r\n`, "forward", "mc1"],
    ["cas apple 4294967295 -1 0 18\r\n\r\n", "forward", "mc1"],
    ["append zebra 0 0 1 noreply\r\n1\r\n", "fragment"],
    ["add zebra 0 0 1\r\n123", "refuse"],
    ["delete zebra\n", "forward", "mc2"],
    ["delete noreply\r\n", "forward", "mc2"],
    ["  incr  apple 18446744073709551615 \r\n", "forward", "mc1"],
    ["touch zebra 0 noreply\r\n", "fragment"],
    ["flush_all 10\r\n", "fragment"],
    ["verbosity 1 noreply\r\n", "fragment"],
    ["stats\r\n", "fragment"],
    ["version\r\n", "forward", "mc1"],
    ["quit\r\n", "local"],
    ["get\r\n", "refuse"],
    ["unknown command\r\n", "refuse"],
    ["\r\n", "refuse"],
    ["incr apple noreply\r\n", "refuse"],
    [`get apple ${"k".repeat(251)}\r\n`, "refuse"],
    ["set apple 4294967296 0 1\r\n", "refuse"],
  ].map(([text = "", does, cluster]) => ({
    name: JSON.stringify(text.slice(0, 40)),
    bytes: latin1(text),
    does: does as "forward",
    ...(cluster === undefined ? {} : { cluster }),
  })),
  replies: [
    "END\r\n",
    "VALUE apple 5 7\r\nEND\r\n  \r\nEND\r\n",
    `VALUE a 0 0\r\n\r\nVALUE b 0 ${long.length} 18446744073709551615\r\n${long}\r\nEND\r\n`,
    "VALUE apple 0 1\r\n1\r\nSERVER_ERROR out of memory\r\n",
    "STAT pid 17\r\nSTAT version 1.6.18\r\nEND\r\n",
    ...[
      "STORED\r\n",
      "NOT_STORED\r\n",
      "EXISTS\r\n",
      "NOT_FOUND\r\n",
      "DELETED\r\n",
      "TOUCHED\r\n",
    ],
    ...["OK\r\n", "18446744073709551615\r\n", "VERSION 1.6.18\r\n", "ERROR\r\n"],
    ...["CLIENT_ERROR bad data chunk\r\n", "SERVER_ERROR object too large for cache\r\n"],
  ].map((text) => ({ name: JSON.stringify(text.slice(0, 40)), bytes: latin1(text) })),
  garbage: [
    latin1("\x80\0\0\0"),
    latin1("set apple 0 0 many\r\n"),
    latin1(`set ${"k".repeat(251)} 0 0 1\r\n`),
    latin1("cas apple 0 0 1\r\n1\r\n"),
    latin1("ms apple 2\r\nhi\r\n"),
    latin1("get app\0le\r\n"),
  ],
  servers: {
    serverAt: (address) => new MemcachedModel(address.startsWith("mc1") ? ["af"] : ["zf"]),
    single: () => new MemcachedModel(["af", "zf"]),
    request,
  },
};
// #endregion

/**
 * Values say whose they are, so that a reply which went to the wrong client is seen. `af` and `zf` are there from the
 * start and never change, so that a part which was lost is seen.
 */
function request(random: Random, client: number, index: number): ModelRequest {
  const key = (): string => `${random.pick(["a", "m", "n", "z"])}${client}`;
  const data = `${client}${String(index).padStart(3, "0")}${random.chance(0.1) ? long : ""}`;
  const store = random.pick(["set", "set", "add", "replace", "append", "prepend"]);
  const quiet = random.chance(0.2) ? " noreply" : "";
  const mine = `(VALUE \\w${client} 0 \\d+( \\d+)?\r\n(?:${client}\\d{3}x*)+\r\n)*END\r\n`;
  const [text, reply] = random.pick([
    [`${store} ${key()} 0 0 ${data.length}${quiet}\r\n${data}\r\n`, "(NOT_)?STORED\r\n"],
    [`${store} ${key()} 0 0 ${data.length}\r\n${data}\r\n`, "(NOT_)?STORED\r\n"],
    [
      `cas ${key()} 0 0 4 ${random.below(9)}\r\n${data.slice(0, 4)}\r\n`,
      "(STORED|EXISTS|NOT_FOUND)\r\n",
    ],
    [`get ${key()}\r\n`, mine],
    [`gets ${key()} ${key()} ${key()}\r\n`, mine],
    [`gat 0 ${key()} ${key()}\r\n`, mine],
    ["get zf af\r\n", "VALUE zf 0 5\r\nfixed\r\nVALUE af 0 5\r\nfixed\r\nEND\r\n"],
    [`delete ${key()}${quiet}\r\n`, "(DELETED|NOT_FOUND)\r\n"],
    [`touch ${key()} 0${quiet}\r\n`, "(TOUCHED|NOT_FOUND)\r\n"],
    [`set ${key()} 0 0 2${quiet}\r\n1`, "CLIENT_ERROR bad data chunk\r\n"],
    ["version\r\n", "VERSION 1.6\r\n"],
    ["what\r\n", "ERROR\r\n"],
  ] as const);
  const bytes = text.endsWith("\r\n1") ? `${text}234` : text;
  const accepted = new RegExp(`^(${reply}|SERVER_ERROR upstream .*\r\n)$`);
  return {
    name: JSON.stringify(bytes.slice(0, 60)),
    bytes: latin1(bytes),
    replies: bytes.includes(" noreply") ? 0 : 1,
    accepts: (frame) => accepted.test(textOf(frame)),
  };
}
