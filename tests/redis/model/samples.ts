/** What the compliance kit must be told about Redis. */
import { compileTable } from "@echarde/core";
import {
  type CodecSamples,
  latin1,
  type ModelRequest,
  type Random,
  RedisModel,
  textOf,
} from "@echarde/testkit";

const command = (...words: readonly string[]): string =>
  `*${words.length}\r\n${words.map((word) => `$${word.length}\r\n${word}\r\n`).join("")}`;
const long = "x".repeat(700);

/** Keys below `n` are of r1, all others of r2. */
const table = {
  clusters: { r1: { endpoints: ["r1:6379"] }, r2: { endpoints: ["r2:6379"] } },
  defaultCluster: "r1",
  localCluster: "r1",
  routes: [{ range: ["n", "~"], cluster: "r2" }],
};
const compiled = compileTable(table, { hashTag: null });

/** Keys that are there from the start and that nobody changes: a lost part of an answer is seen. */
const fixed = [0, 1, 2].flatMap((client) =>
  ["b", "o"].map((letter) => [`${letter}f${client}`, `${client}fixed${letter}`] as const),
);
const fixedValues = new Map(fixed);

/** For a codec whose cut-through begins at 500 bytes. */
export const redisSamples: CodecSamples = {
  table,
  // What the router answers by itself waits for whether the clusters want a password first.
  requests: [
    [command("GET", "apple"), "forward", "r1"],
    [command("set", "zebra", "1"), "forward", "r2"],
    [command("MGET", "apple", "banana"), "forward", "r1"],
    [command("MGET", "apple", "zebra", "apple"), "fragment"],
    [command("MSET", "apple", "1", "zebra", "2"), "fragment"],
    [command("DEL", "zebra", "apple", "zoo"), "fragment"],
    [command("RENAME", "apple", "banana"), "forward", "r1"],
    [command("RENAME", "apple", "zebra"), "fragment"],
    [command("DBSIZE"), "fragment"],
    [command("SCAN", "0", "COUNT", "10"), "fragment"],
    [command("ECHO", "hello"), "fragment"],
    [command("PING"), "fragment"],
    [command("BLPOP", "zebra", "0"), "forward", "r2", "private"],
    [command("EXEC"), "fragment"],
    [command("NOSUCH", "x"), "refuse"],
    [command("GET"), "refuse"],
    ["GET apple\r\n", "fragment"],
    ["\r\n", "skip"],
    [command("QUIT"), "local"],
  ].map(([text = "", does, cluster, lane]) => ({
    name: JSON.stringify(text.slice(0, 60)),
    bytes: latin1(text),
    does: does as "forward",
    ...(cluster === undefined ? {} : { cluster, hold: lane !== undefined }),
    ...(lane === undefined ? {} : { lane: lane as "private" }),
  })),
  replies: [
    "+OK\r\n",
    "-ERR no\r\n",
    ":42\r\n",
    "$5\r\na\r\nbc\r\n",
    "$-1\r\n",
    "*-1\r\n",
    "*0\r\n",
    "*2\r\n$1\r\na\r\n*1\r\n:1\r\n",
    `*2\r\n$-1\r\n$${long.length}\r\n${long}\r\n`,
    "_\r\n",
    "#t\r\n",
    ",1.5\r\n",
    "(123456789012345678901\r\n",
    "=7\r\ntxt:abc\r\n",
    "!5\r\nERR x\r\n",
    "%1\r\n+a\r\n:1\r\n",
    "~2\r\n+a\r\n+b\r\n",
  ].map((text) => ({ name: JSON.stringify(text.slice(0, 40)), bytes: latin1(text) })),
  garbage: [
    latin1("*1\r\n+OK\r\n"),
    latin1("*x\r\n"),
    latin1("*1\r\n$-1\r\n"),
    latin1("*1\r\n$x\r\n"),
    latin1('GET "apple\r\n'),
  ],
  servers: {
    serverAt: (address) => {
      const own = fixed.filter(([key]) => {
        const bytes = latin1(key);
        const owner = compiled.clusters[compiled.route(bytes, 0, bytes.length)];
        return address.startsWith(owner?.name ?? "");
      });
      return new RedisModel(own);
    },
    single: () => new RedisModel(fixed),
    request: (random, client, index) =>
      request(random, client, index, random.chance(0.1) ? quietScript : script),
  },
};

/** As {@link redisSamples}, with commands that see the keys of all clients: one client at a time. */
export const redisAloneSamples: CodecSamples = {
  ...redisSamples,
  servers: {
    ...(redisSamples.servers as NonNullable<CodecSamples["servers"]>),
    clients: 1,
    request: (random, client, index) =>
      request(random, client, index, random.chance(0.2) ? wholeScript : script),
  },
};

/** One or more commands, and what may answer each, besides errors. */
type Script = readonly (readonly [words: readonly string[], reply: string | null])[];

/** What must not come behind what: an answer that takes back what one before it in the same script has said. */
const contradictions: readonly (readonly [after: RegExp, never: RegExp])[] = [
  [/^\+QUEUED/, /^-ERR EXEC without MULTI/],
];

function request(
  random: Random,
  client: number,
  index: number,
  make: (random: Random, client: number, index: number) => Script,
): ModelRequest {
  const lines = make(random, client, index);
  const answers = lines.flatMap(([, reply]) => (reply === null ? [] : [reply]));
  const accepted = answers.map((reply) => new RegExp(`^(${reply}|-[A-Z]+ .*\r\n)$`));
  const written = lines.find(([words]) => words[0] === "MSET");
  let said = "";
  return {
    name: lines.map(([words]) => words.join(" ").slice(0, 40)).join("; "),
    bytes: latin1(lines.map(([words]) => (words.length > 0 ? command(...words) : "")).join("")),
    replies: answers.length,
    accepts: (reply) => {
      const text = textOf(reply);
      const before = said;
      said = text;
      if (contradictions.some(([after, never]) => after.test(before) && never.test(text)))
        return false;
      if (written !== undefined && before === "+OK\r\n" && text.startsWith("*"))
        return text === valuesOf(written[0].slice(1));
      return accepted.some((each) => each.test(text));
    },
  };
}

/** The answer to MGET of the keys that MSET has set. */
function valuesOf(pairs: readonly string[]): string {
  const values = new Map(
    pairs.flatMap((key, i) => (i % 2 === 0 ? [[key, pairs[i + 1]]] : [])) as [string, string][],
  );
  const bulks = pairs.filter((_, i) => i % 2 === 0).map((key) => values.get(key) ?? "");
  return `*${bulks.length}\r\n${bulks.map((value) => `$${value.length}\r\n${value}\r\n`).join("")}`;
}

const integer = ":\\d+\r\n";
/** To a subscriber, and to others. */
const pong = "\\*2\r\n\\$4\r\npong\r\n\\$0\r\n\r\n|\\+PONG\r\n";
const ok = "\\+OK\r\n";
const queued = "\\+QUEUED\r\n";

/** Values say whose they are, so that a reply which went to the wrong client is seen. */
function script(random: Random, client: number, index: number): Script {
  const key = (): string => `${random.pick(["a", "m", "n", "z"])}${client}`;
  const list = (): string => `${random.pick(["l", "p"])}l${client}`;
  const tail = random.chance(0.15) ? long : "";
  const value = `${client}${String(index).padStart(3, "0")}${tail}`;
  const own = `\\$\\d+\r\n(?:${client}\\d{3}x*)+\r\n|\\$-1\r\n`;
  const [some, other] = [key(), key()];
  const twin = `${some[0]}${client}t`; // of the same cluster
  const given = random.pick(fixed.filter(([name]) => name.endsWith(String(client))))[0];
  const still = `\\$7\r\n${fixedValues.get(given)}\r\n`;
  return random.pick<Script>([
    [[["SET", some, value], ok]],
    [[["SET", some, value], ok]],
    [[["GET", some], own]],
    [[["GET", given], still]],
    [[["APPEND", some, value], integer]],
    [
      [["MSET", some, value, other, value], ok],
      [["MGET", some, other], `\\*2\r\n(?:${own}){2}`],
    ],
    [[["EXISTS", `bf${client}`, `of${client}`], ":2\r\n"]],
    [[["MGET", some, other, some, given], `\\*4\r\n(?:${own}){3}${still}`]],
    [[["DEL", some, other, some], integer]],
    [[["EXISTS", some, given, other, given], integer]],
    [[["RPUSH", list(), value], integer]],
    [[["BLPOP", list(), "0"], `\\*2\r\n\\$3\r\n[lp]l${client}\r\n${own}|\\*-1\r\n`]],
    [[["PING"], pong]],
    [[["ECHO", value], `\\$\\d+\r\n${value}\r\n`]],
    [[["NOSUCH", key()], "-.*\r\n"]],
    [[["CLIENT", "SETNAME", `n${client}.${index}`], ok]],
    [[["CLIENT", "GETNAME"], `\\$\\d+\r\nn${client}[.]\\d+\r\n|\\$-1\r\n`]],
    [
      [["SELECT", "1"], ok],
      [["GET", given], still],
      [["SET", `${some}d`, value], ok],
      [["GET", `${some}d`], own],
      [["SELECT", "0"], ok],
      [["GET", given], still],
    ],
    [
      [["MULTI"], ok],
      [["SET", some, value], queued],
      [["GET", twin], queued],
      [["EXEC"], `\\*2\r\n${ok}(?:${own})|\\*-1\r\n`],
    ],
    [
      [["WATCH", some], ok],
      [["SET", some, value], ok],
      [["MULTI"], ok],
      [["APPEND", some, value], queued],
      [["EXEC"], `\\*-1\r\n|\\*1\r\n${integer}`],
    ],
    [
      [["MULTI"], ok],
      [["SET", some, value], queued],
      [["DISCARD"], ok],
    ],
  ]);
}

/** What changes how the next replies look: not among others whose replies say how they look. */
function quietScript(random: Random, client: number, index: number): Script {
  const key = `${random.pick(["a", "z"])}${client}`;
  const value = `${client}${String(index).padStart(3, "0")}`;
  const own = `\\$\\d+\r\n(?:${client}\\d{3}x*)+\r\n|\\$-1\r\n`;
  return [
    [["CLIENT", "REPLY", "SKIP"], null],
    [["SET", key, value], null],
    [["GET", key], own],
  ];
}

function wholeScript(random: Random, client: number, index: number): Script {
  const channel = random.pick(["news", "zoo"]);
  const key = `${random.pick(["a", "z"])}${client}`;
  return random.pick<Script>([
    [[["DBSIZE"], integer]],
    [
      [["SUBSCRIBE", channel], subscribed("subscribe", channel, 1)],
      [["PING"], pong],
      [["UNSUBSCRIBE", channel], subscribed("unsubscribe", channel, 0)],
    ],
    [
      [["MSET", `a${index}`, "0001", `z${index}`, "0001"], ok],
      [["DBSIZE"], integer],
    ],
    [
      [["RESET"], "\\+RESET\r\n"],
      [["GET", key], `\\$\\d+\r\n(?:${client}\\d{3}x*)+\r\n|\\$-1\r\n`],
    ],
  ]);
}

function subscribed(kind: string, channel: string, count: number): string {
  const length = `\\$${kind.length}`;
  return `\\*3\r\n${length}\r\n${kind}\r\n\\$${channel.length}\r\n${channel}\r\n:${count}\r\n`;
}
