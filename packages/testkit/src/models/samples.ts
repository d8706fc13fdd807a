/** The samples of the four models, for the kit's own tests and as examples. */
import { join, noSecurity } from "@echarde/core";
import { frame } from "../checks/replies.ts";
import type { Random } from "../random.ts";
import type { CodecSamples, ModelRequest } from "../samples.ts";
import { latin1, textOf } from "../text.ts";
import { CorrelationServer } from "./correlation-server.ts";
import { correlated, GET, idAt, META, PUT, SEND } from "./correlation-wire.ts";
import { FifoServer } from "./fifo-server.ts";
import { packetId } from "./packet-id.ts";
import { PacketIdServer } from "./packet-id-server.ts";
import * as wire from "./packet-id-wire.ts";
import { StreamedServer } from "./streamed-server.ts";

/** Keys below `n` are of cluster a, all others of b. */
export const modelTable: Readonly<Record<string, unknown>> = {
  clusters: { a: { endpoints: ["a:1"] }, b: { endpoints: ["b:1"] } },
  defaultCluster: "a",
  localCluster: "a",
  routes: [{ range: ["n", "~"], cluster: "b" }],
};

const long = "x".repeat(60);

/** Of `fifo`. */
export const fifoSamples: CodecSamples = {
  table: modelTable,
  requests: [
    { name: "GET of a", bytes: latin1("GET apple\n"), does: "forward", cluster: "a" },
    { name: "GET of b", bytes: latin1("GET zebra\n"), does: "forward", cluster: "b" },
    { name: "SET", bytes: latin1("SET zebra 12\n"), does: "forward", cluster: "b" },
    { name: "large SET", bytes: latin1(`SET apple ${long}\n`), does: "forward", cluster: "a" },
    { name: "QSET", bytes: latin1("QSET apple 5\n"), does: "fragment" },
    { name: "MGET of one", bytes: latin1("MGET a b a\n"), does: "forward", cluster: "a" },
    { name: "MGET of both", bytes: latin1("MGET a z a\n"), does: "fragment" },
    { name: "COUNT", bytes: latin1("COUNT\n"), does: "fragment" },
    { name: "POP", bytes: latin1("POP list\n"), does: "forward", cluster: "a" },
    { name: "USE", bytes: latin1("USE 2\n"), does: "fragment" },
    { name: "ECHO", bytes: latin1("ECHO me\n"), does: "local" },
    { name: "RESET", bytes: latin1("RESET\n"), does: "local" },
    { name: "QUIT", bytes: latin1("QUIT\n"), does: "local" },
    { name: "NOP", bytes: latin1("NOP\n"), does: "skip" },
    { name: "wrong", bytes: latin1("WRONG\n"), does: "refuse" },
  ],
  replies: ["+ok\n", "-no such db\n", ":12\n", "_\n", "+1 _ +3\n"].map((text) => ({
    name: JSON.stringify(text),
    bytes: latin1(text),
  })),
  garbage: [latin1("HELLO there\n"), latin1("\n"), latin1("SET a\n")],
  servers: {
    serverAt: () => new FifoServer(),
    single: () => new FifoServer(),
    request: fifoRequest,
  },
};

function fifoRequest(random: Random, client: number, index: number): ModelRequest {
  const key = `${random.pick(["a", "c", "m", "n", "z"])}${client}`;
  const other = `${random.pick(["b", "y"])}${client}`;
  const value = `v${client}.${index}${random.chance(0.2) ? long : ""}`;
  // Nothing, a value of this client, or an error; a value of another client never.
  const mine = new RegExp(`^(-.*|([+]v${client}[.]\\d+x*|_)( [+]v${client}[.]\\d+x*| _)*)\n$`);
  const line = (text: string, accepts: RegExp = /^([+]ok|[+]reset|-.*|:\d+)\n$/): ModelRequest => ({
    name: JSON.stringify(text),
    bytes: latin1(text),
    replies: text.startsWith("NOP") || text.startsWith("QSET") ? 0 : 1,
    accepts: (reply) => accepts.test(textOf(reply)),
  });
  switch (random.below(11)) {
    case 0:
    case 1:
      return line(`SET ${key} ${value}\n`);
    case 2:
      return line(`QSET ${key} ${value}\n`);
    case 3:
      return line(`MGET ${key} ${other} ${key}\n`, mine);
    case 4: {
      // An element for the one that follows, so that it never waits in vain.
      const pop = line(
        `PUSH l${key} ${value}\nPOP l${key}\n`,
        new RegExp(`^(:\\d+|-.*|[+]v${client}[.].*)\n$`),
      );
      return { ...pop, replies: 2 };
    }
    case 5:
      return line(`USE ${random.below(6)}\n`);
    case 6:
      return line(`ECHO v${client}.0\n`, mine);
    case 7:
      return line(random.chance(0.5) ? "NOP\n" : "RESET\n");
    default:
      return line(`GET ${key}\n`, mine);
  }
}

const correlationRequests = {
  get: (id: number, keys: string) => correlated(id, GET, [...latin1(keys)]),
  put: (id: number, pairs: string) => correlated(id, PUT, [...latin1(pairs)]),
};

/** Of `correlation`: each cluster has a node for even and one for odd keys. */
export const correlationSamples: CodecSamples = {
  table: modelTable,
  requests: [
    { name: "GET", bytes: correlationRequests.get(7, "az"), does: "fragment" },
    { name: "PUT", bytes: correlationRequests.put(8, "a1z2"), does: "fragment" },
    { name: "SEND", bytes: correlated(9, SEND, [...latin1("a1")]), does: "fragment" },
    { name: "META", bytes: correlated(10, META, []), does: "local" },
    { name: "GET of nothing", bytes: correlated(11, GET, []), does: "local" },
    { name: "wrong", bytes: correlated(12, 77, []), does: "refuse" },
  ],
  replies: [
    { name: "values", bytes: correlated(1, -1, [1, 2, 3]) },
    { name: "empty", bytes: correlated(0xfffffffe, -1, []) },
  ],
  garbage: [correlated(1, 9, [1]), correlated(1, PUT, [65]), Uint8Array.of(0, 1, 1, 1, 1, 1)],
  servers: {
    serverAt: (address) => {
      const cluster = address.slice(0, 1);
      const nodes: [string, string] = [`${cluster}:even`, `${cluster}:odd`];
      const leads = (key: number): boolean => address === nodes[key & 1];
      return new CorrelationServer({ nodes, leads, reverse: true });
    },
    single: () => new CorrelationServer({ nodes: ["", ""], leads: () => true, reverse: false }),
    request: (random, client, index) => {
      // Keys of client 0 are 0x20…, of client 1 0x40…, of client 2 0x60…; values are of the same range.
      const key = (): number => 32 * (client + 1) + random.below(26);
      const count = 1 + random.below(4);
      const keys = Array.from({ length: count }, key);
      const id = index * 2_000_003;
      const value = (): number => 32 * (client + 1) + random.below(31);
      const [operation, payload] = random.pick([
        [GET, keys],
        [PUT, keys.flatMap((each) => [each, value()])],
        [SEND, keys.flatMap((each) => [each, value()])],
      ] as const);
      const range = (byte: number): boolean => byte === 0 || byte >> 5 === client + 1;
      return {
        name: `${["META", "GET", "PUT", "SEND"][operation]} ${id}: ${payload.join(" ")}`,
        bytes: correlated(id, operation, payload),
        replies: operation === SEND ? 0 : 1,
        accepts: (reply) => {
          if (idAt(reply, 0) !== id) return false;
          const body = reply.subarray(6);
          if (body.length === 1 && body[0] === 33) return true;
          return (
            body.length === count &&
            body.every((byte) => (operation === PUT ? byte === 1 : range(byte)))
          );
        },
      };
    },
  },
};

/** Of `streamed`. */
export const streamedSamples: CodecSamples = {
  table: modelTable,
  requests: [
    { name: "PUT", bytes: latin1("PUT apple 11\nhello\nworld"), does: "forward", cluster: "a" },
    { name: "empty PUT", bytes: latin1("PUT zebra 0\n"), does: "forward", cluster: "b" },
    {
      name: "long PUT",
      bytes: latin1(`PUT zebra 600\n${long.repeat(10)}`),
      does: "forward",
      cluster: "b",
    },
    { name: "GET", bytes: latin1("GET zebra\n"), does: "forward", cluster: "b" },
    { name: "HEAD", bytes: latin1("HEAD apple\n"), does: "forward", cluster: "a" },
    { name: "LIST", bytes: latin1("LIST\n"), does: "stream" },
    { name: "wrong", bytes: latin1("POST x\n"), does: "refuse" },
  ],
  replies: [
    { name: "line", bytes: latin1("ok\n"), expect: 0 },
    { name: "head", bytes: latin1("12\n"), expect: 0 },
    { name: "body", bytes: latin1("12\nhello\nworld!"), expect: 1 },
    { name: "empty body", bytes: latin1("0\n"), expect: 1 },
    { name: "list", bytes: latin1("apple\nbanana\n.\n"), expect: 2 },
    { name: "empty list", bytes: latin1(".\n"), expect: 2 },
    { name: "failure for a body", bytes: latin1("!lost\n"), expect: 1 },
    { name: "failure for a list", bytes: latin1("!lost\n"), expect: 2 },
  ],
  garbage: [latin1("PUT a x\n"), latin1("\n"), latin1("GET\n")],
  servers: {
    serverAt: () => new StreamedServer(),
    single: () => new StreamedServer(),
    request: (random, client, index) =>
      streamedRequest(random, client, index, ["PUT", "GET", "HEAD"]),
  },
};

/** Of `streamed` with lists, which show the keys of all clients: one client at a time. */
export const streamedAloneSamples: CodecSamples = {
  ...streamedSamples,
  servers: {
    serverAt: () => new StreamedServer(),
    single: () => new StreamedServer(),
    clients: 1,
    request: (random, client, index) =>
      streamedRequest(random, client, index, ["PUT", "GET", "LIST"]),
  },
};

function streamedRequest(
  random: Random,
  client: number,
  index: number,
  kinds: readonly string[],
): ModelRequest {
  const key = `${random.pick(["a", "c", "z"])}${client}`;
  const kind = random.pick(kinds);
  const value = `${client}${"x".repeat(random.below(400))}`;
  const text =
    kind === "PUT"
      ? `PUT ${key} ${value.length}\n${value}`
      : kind === "LIST"
        ? "LIST\n"
        : `${kind} ${key}\n`;
  const accepted = {
    PUT: /^(ok|!\w+)\n$/,
    GET: new RegExp(`^(0\n|!\\w+\n|\\d+\n${client}x*)$`),
    HEAD: /^(\d+|!\w+)\n$/,
    LIST: /^(!\w+\n|([acz]\d\n)*[.]\n)$/,
  }[kind] as RegExp;
  return {
    name: `${index} ${JSON.stringify(text.slice(0, 40))}`,
    bytes: latin1(text),
    replies: 1,
    expect: { PUT: 0, GET: 1, HEAD: 0, LIST: 2 }[kind] as number,
    accepts: (reply) => accepted.test(textOf(reply)),
  };
}

/** Of `packet-id`. */
export const packetIdSamples: CodecSamples = {
  table: modelTable,
  requests: [
    {
      name: "SUBSCRIBE",
      bytes: wire.packet(wire.SUBSCRIBE, 1, latin1("a1z1b*")),
      does: "fragment",
    },
    { name: "PUBLISH", bytes: wire.packet(wire.PUBLISH, 2, latin1("z1hello")), does: "fragment" },
    { name: "PING", bytes: wire.packet(wire.PING, 0, []), does: "local" },
    { name: "SUBSCRIBE to nothing", bytes: wire.packet(wire.SUBSCRIBE, 3, []), does: "local" },
    { name: "stray ACKNOWLEDGE", bytes: wire.packet(wire.ACKNOWLEDGE, 4, []), does: "skip" },
    { name: "wrong", bytes: wire.packet(77, 5, []), does: "refuse" },
  ],
  replies: [
    { name: "SUBSCRIBED", bytes: wire.packet(wire.SUBSCRIBED, 1, [1, 1]) },
    { name: "PUBLISHED", bytes: wire.packet(wire.PUBLISHED, 65535, []) },
    { name: "DELIVER", bytes: wire.packet(wire.DELIVER, 9, latin1("z1hello")), push: true },
  ],
  garbage: [wire.packet(77, 5, []), wire.packet(wire.PUBLISH, 5, [65]), wire.packet(0, 0, [])],
  servers: {
    serverAt: () => new PacketIdServer(),
    single: () => new PacketIdServer(),
    request: (random, client, index) => {
      const letter = random.pick(["ad", "be", "zy"]);
      // The first letter says the client, so that nobody gets what others publish.
      const topic = `${"aoz"[client]}${letter[random.below(2)]}`;
      const id = index + 1;
      const [type, payload] = random.pick([
        [wire.PUBLISH, `${topic}${client}.${index}`],
        [wire.SUBSCRIBE, topic],
        [wire.SUBSCRIBE, `${topic}${"aoz"[client]}*`],
      ] as const);
      return {
        name: `${type === wire.PUBLISH ? "PUBLISH" : "SUBSCRIBE"} ${id} ${payload}`,
        bytes: wire.packet(type, id, latin1(payload)),
        replies: 1,
        accepts: (reply) =>
          wire.packetId(reply, 0) === id && [type + 1, wire.FAILED].includes(reply[0] as number),
      };
    },
    // As ready: any order, and ids of deliveries are the router's own.
    canonical: (received) => {
      const link = packetId.start({
        table: { clusters: [] } as never,
        limits: {} as never,
        keep: (bytes) => bytes,
        security: noSecurity,
        records: null,
        keepsValues: false,
      });
      const { frames } = frame(
        link.link({ cluster: "", node: "", shared: false, session: null }),
        [received],
        [0],
      );
      const words = frames.map(({ bytes, push }) =>
        textOf(push ? join([bytes.subarray(0, 1), bytes.subarray(3)]) : bytes),
      );
      return words.sort().join("|");
    },
  },
};
