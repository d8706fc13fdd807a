/** Random requests to one memcached and to the router over three: every reply must be the same, byte for byte. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { type Comparison, differential, Random, type Side } from "@echarde/testkit";
import { skipWithout } from "@echarde/testkit/servers";
import { open } from "./client.ts";
import { type Both, startBoth } from "./cluster.ts";

/** `UNIQUE` stands for the unique that this side last gave for the key. */
interface Command {
  readonly text: string;
  readonly key: string;
  readonly replies: 0 | 1;
}

const keys = ["a", "bb", "c:1", "\xe9", "k".repeat(250), "f", "g", "h", "i\t", "j", "k", "l"];
const seed = Number(process.env["ECHARDE_SEED"] ?? 1);

// #region commands
function command(random: Random): Command {
  const key = random.pick(keys);
  const many = Array.from({ length: random.below(9) }, () =>
    random.pick([...keys, "none", "empty"]),
  );
  const size = random.pick([1, 2, 30, 300, random.chance(0.05) ? 200_000 : 9]);
  // Whether decr leaves blanks behind a number that gets shorter, and what incr makes of a value of
  // blanks alone, depends on the server's memory: neither is asked for.
  const data = random.chance(0.3)
    ? String(2_000_000_000 + random.below(1_000_000))
    : `${"x\r\nEND\r\nVALUE a 0 1\r\n".repeat(10_000).slice(0, size)}`;
  const store = random.pick(["set", "set", "set", "add", "replace", "append", "prepend"]);
  const expires = random.pick([0, 0, 0, 1000, -1]);
  const quiet = random.chance(0.2) ? " noreply" : "";
  const text = random.pick([
    `${store} ${key} ${random.below(2 ** 32)} ${expires} ${data.length}${quiet}\r\n${data}\r\n`,
    `${store} ${key} 0 0 ${data.length}\r\n${data}\r\n`,
    `${random.pick(["set", "add"])} empty 0 0 0\r\n\r\n`,
    `cas ${key} 1 ${expires} ${data.length} UNIQUE${quiet}\r\n${data}\r\n`,
    `cas ${key} 1 0 ${data.length} ${random.below(9)}\r\n${data}\r\n`,
    `set ${key} 0 0 2${quiet}\r\n1234`,
    `get ${[key, ...many].join(" ")}\r\n`,
    `get  ${[...many, key].join("  ")} \n`,
    `gets ${[key, ...many].join(" ")}\r\n`,
    `gat ${expires} ${[key, ...many].join(" ")}\r\n`,
    `gats ${random.pick([100, "soon"])} ${[key, ...many].join(" ")}\r\n`,
    `delete ${key}${random.pick(["", "", " 0", " 5"])}${quiet}\r\n`,
    `incr ${key} ${random.pick([1, 7, "18446744073709551615", "-1", "x"])}${quiet}\r\n`,
    `decr ${key} ${random.pick([0, 1, 7, "x"])}${quiet}\r\n`,
    `touch ${key} ${random.pick([0, 100, -1, "x"])}${quiet}\r\n`,
    random.chance(0.2) ? `flush_all${random.pick(["", " 0", " x"])}${quiet}\r\n` : "version\r\n",
    random.pick([
      "verbosity 0\r\n",
      "verbosity x\r\n",
      "verbosity\r\n",
      "stats what\r\n",
      "stats\r\n",
    ]),
    random.pick([
      "\r\n",
      "GET a\r\n",
      "get\r\n",
      " \n",
      "delete\r\n",
      "incr a\r\n",
      "touch a\r\n",
      "gets\r\n",
    ]),
    `get ${many.join(" ")} ${"x".repeat(251)}\r\n`,
  ]);
  return { text, key, replies: / noreply\r\n/.test(text) ? 0 : 1 };
}
// #endregion

// #region side
/** One end of the comparison. `targets` are flushed for a reset. */
function side(
  port: number,
  targets: readonly { readonly port: number }[],
  seed: number,
): Side<Command, string> {
  return {
    async reset() {
      for (const target of targets) {
        const client = await open(target.port);
        assert.equal(await client.ask("flush_all\r\n"), "OK\r\n");
        await client.close();
      }
    },
    async run(commands) {
      const random = new Random(seed); // the same pieces each time, so that a difference stays one
      const client = await open(port);
      const uniques = new Map<string, string>();
      const replies: string[] = [];
      for (let at = 0; at < commands.length; ) {
        const batch = commands.slice(at, at + 1 + random.below(20));
        // A unique must be known before it is sent. At a key that is too long memcached 1.6 forgets
        // the replies that it owes for what stands before it.
        const stop = batch.findIndex(({ text }) => / UNIQUE|x{251}/.test(text));
        const some = batch.slice(0, stop > 0 ? stop : stop === 0 ? 1 : batch.length);
        at += some.length;
        const bytes = some
          .map(({ text, key }) => text.replace(" UNIQUE", ` ${uniques.get(key) ?? 1}`))
          .join("");
        for (let sent = 0; sent < bytes.length; ) {
          const to = sent + 1 + random.below(random.pick([5, 500, 100_000]));
          client.send(bytes.slice(sent, to));
          if (random.chance(0.1)) await new Promise(setImmediate);
          sent = to;
        }
        const got = await client.replies(some.reduce((sum, each) => sum + each.replies, 0));
        for (const each of some) replies.push(each.replies === 0 ? "" : (got.shift() ?? "nothing"));
        for (const [, key = "", unique = ""] of replies.join("").matchAll(uniqueOf))
          uniques.set(key, unique);
      }
      await client.close();
      return replies;
    },
  };
}

const uniqueOf = /^VALUE ([^ ]+) \d+ \d+ (\d+)\r$/gm;

function comparison({ text }: Command): Comparison<string> {
  if (text !== "stats\r\n") return { mode: "exact" };
  return { mode: "property", holds: (reply) => /^(STAT \w+ .*\r\n)+END\r\n$/.test(reply) };
}
// #endregion

describe("one memcached and three behind the router", { skip: skipWithout("memcached") }, () => {
  let both: Both;
  before(async () => {
    both = await startBoth();
  });
  after(() => both.stop());

  test("give the same replies", async (t) => {
    for (let run = 0; run < 40; run++) {
      const random = new Random(seed * 1000 + run);
      const commands = Array.from({ length: 200 }, () => command(random));
      t.diagnostic(`seed ${seed * 1000 + run}`);
      // #region differential
      await differential(
        {
          expected: side(both.single.port, [both.single], run),
          actual: side(both.port, both.shards, run),
          comparison,
          // Uniques count on each server for itself.
          same: (a, b) =>
            a.replaceAll(uniqueOf, "VALUE $1\r") === b.replaceAll(uniqueOf, "VALUE $1\r"),
          showCommand: ({ text }) => JSON.stringify(text.slice(0, 200)),
          showReply: (reply) => JSON.stringify(reply.slice(0, 500)),
        },
        commands,
      );
      // #endregion
    }
  });
});
