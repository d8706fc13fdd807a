/** What the compliance kit must be told about Redis as the example speaks it. */
import { type CodecSamples, latin1, type Random, RedisModel, textOf } from "@echarde/testkit";

const command = (...words: readonly string[]): string =>
  `*${words.length}\r\n${words.map((word) => `$${word.length}\r\n${word}\r\n`).join("")}`;

/** Keys below `n` are of r1, all others of r2. */
export const samples: CodecSamples = {
  table: {
    clusters: { r1: { endpoints: ["r1:6379"] }, r2: { endpoints: ["r2:6379"] } },
    defaultCluster: "r1",
    routes: [{ range: ["n", "~"], cluster: "r2" }],
  },
  requests: [
    ["GET", command("GET", "apple"), "forward", "r1"],
    ["SET", command("set", "zebra", "a\r\nb\n"), "forward", "r2"],
    ["MGET of one", command("MGET", "zebra", "zoo"), "forward", "r2"],
    ["MGET", command("MGET", "zebra", "apple", "zebra"), "fragment"],
    ["PING", command("PING"), "local"],
    ["unknown", command("FLUSHALL"), "refuse"],
    ["without its key", command("GET"), "refuse"],
  ].map(([name = "", text = "", does, cluster]) => ({
    ...{ name, bytes: latin1(text), does: does as "forward" },
    ...(cluster === undefined ? {} : { cluster }),
  })),
  replies: [
    "+OK\r\n",
    "-ERR no\r\n",
    ":1\r\n",
    "$-1\r\n",
    "$5\r\na\r\nb\n\r\n",
    "*2\r\n$-1\r\n*0\r\n",
  ].map((text) => ({ name: JSON.stringify(text), bytes: latin1(text) })),
  garbage: [latin1("GET apple\r\n"), latin1("+OK\r\n"), latin1(":1\r\n")],
  servers: {
    serverAt: () => new RedisModel(),
    single: () => new RedisModel(),
    request,
  },
};

function request(random: Random, client: number, index: number) {
  const key = (): string => `${random.pick(["a", "z"])}${client}`;
  const own = `(\\$-1|\\$\\d+\r\n(${client}\\d\\d)+)\r\n`;
  const [words, reply] = random.pick([
    [["SET", key(), `${client}${String(index).padStart(2, "0")}`], "\\+OK\r\n"],
    [["GET", key()], own],
    [["MGET", key(), key(), key()], `\\*3\r\n(${own}){3}`],
    [["APPEND", key(), `${client}00`], ":\\d+\r\n"],
    [["PING"], "\\+PONG\r\n"],
  ] as const);
  const accepted = new RegExp(`^(${reply}|-ERR upstream .*\r\n)$`);
  return {
    name: words.join(" "),
    bytes: latin1(command(...words)),
    replies: 1,
    accepts: (frame: Uint8Array) => accepted.test(textOf(frame)),
  };
}
