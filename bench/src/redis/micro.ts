import { type Codec, createRouter, type Effects, type Peer, type Router } from "@echarde/core";
import { encodeCommand, parseReply, RespSplitter } from "@echarde/testkit/servers";
import type { Micro, MicroLoop } from "../micro.ts";

const NOW = 1_700_000_000_000;
const PIPELINE = 16;

/** Tables whose cost must not differ: a request costs what it costs, however many others there could be. */
const growth: readonly { readonly clusters: number; readonly routes: number }[] = [
  { clusters: 3, routes: 10 },
  { clusters: 64, routes: 10 },
  { clusters: 3, routes: 100_000 },
];

/** What the parts of a Redis router cost without sockets; request and reply together. */
export const redisMicro: readonly Micro[] = [
  {
    name: "core: route of a 16-byte key, crc16-slots over 3",
    open: async () => {
      const table = (await openRouter({}))?.table;
      if (table === undefined) return null;
      const keys = Array.from({ length: 64 }, (_, i) => Buffer.from(keyOf(i)));
      return (iterations) => {
        let sum = 0;
        for (let i = 0; i < iterations; i++) {
          const key = keys[i & 63] as Buffer;
          sum += table.route(key, 0, key.length);
        }
        if (sum < 0) throw new Error("a key has no owner");
      };
    },
  },
  {
    name: "core + codec-redis: forwarded 1 KiB SET, one a chunk",
    open: () => requests([set(1)], {}),
  },
  {
    name: `core + codec-redis: forwarded 1 KiB SET, ${PIPELINE} a chunk`,
    open: () => requests(range(PIPELINE, set), {}),
  },
  {
    name: "core + codec-redis: forwarded GET of 1 KiB, one a chunk",
    open: () => requests([get(1)], {}),
  },
  {
    name: `core + codec-redis: forwarded GET of 1 KiB, ${PIPELINE} a chunk`,
    open: () => requests(range(PIPELINE, get), {}),
  },
  {
    name: `core + codec-redis: forwarded GET of 1 KiB, ${PIPELINE} a chunk, input reused`,
    open: () => requests(range(PIPELINE, get), { reusesInput: true }),
  },
  {
    name: "core + codec-redis: MGET of 20 keys over 3 shards",
    open: () => requests([encodeCommand("MGET", ...range(20, keyOf))], {}),
  },
  ...growth.map((size) => ({
    name: `core + codec-redis: forwarded 1 KiB SET, ${PIPELINE} a chunk, ${size.clusters} clusters, ${size.routes} routes`,
    open: () => requests(range(PIPELINE, set), size),
  })),
];

function range<T>(length: number, make: (i: number) => T): T[] {
  return Array.from({ length }, (_, i) => make(i));
}

function set(i: number): Buffer {
  return encodeCommand("SET", keyOf(i), Buffer.alloc(1024, "x"));
}

function get(i: number): Buffer {
  return encodeCommand("GET", keyOf(i));
}

function keyOf(i: number): string {
  return `key:${String(i).padStart(12, "0")}`;
}

/** What a router is made of. */
interface Size {
  /** Shards; 3 unless given. */
  readonly clusters?: number;
  /** Rules beside that of the hash: keys and prefixes that no request has; 0 unless given. */
  readonly routes?: number;
  /** Whether bytes that outlive an input are copied. */
  readonly reusesInput?: boolean;
}

/** Null while the codec is not there. */
async function openRouter(size: Size): Promise<Router | null> {
  const { clusters = 3, routes = 0, reusesInput = false } = size;
  const { redis }: { redis?: () => Codec } = await import("@echarde/codec-redis");
  if (redis === undefined) return null;
  const names = range(clusters, (i) => `redis${i + 1}`);
  const others = range(routes, (i) => {
    const rule = i % 2 === 0 ? { key: `user:${i}` } : { prefix: `tenant:${i}:` };
    return { ...rule, cluster: names[i % clusters] };
  });
  return createRouter({
    codec: redis(),
    reusesInput,
    table: {
      protocol: "redis",
      localCluster: "redis1",
      clusters: Object.fromEntries(names.map((name) => [name, { endpoints: ["127.0.0.1:1"] }])),
      routes: [
        ...others,
        { hash: "crc16-slots", over: Object.fromEntries(names.map((name) => [name, 1])) },
      ],
    },
  });
}

/**
 * One client that sends the same chunk again and again. The servers' answers are found out once, by
 * parsing, and then given from memory.
 */
async function requests(commands: readonly Buffer[], size: Size): Promise<MicroLoop | null> {
  const router = await openRouter(size);
  if (router === null) return null;
  const chunk = Buffer.concat(commands);
  const client = router.open(NOW);
  const answers = new Map<Peer, Buffer>();
  // links are opened and greeted in the first turns
  let expected = 0;
  for (let turn = 0; turn < 3; turn++) {
    answers.clear();
    expected = settle(router, router.bytes(client, chunk, NOW), answers);
  }
  if (expected === 0 || answers.size === 0) throw new Error("the router did not answer");
  return (iterations) => {
    let received = 0;
    let turns = 0;
    for (let done = 0; done < iterations; done += commands.length) {
      turns++;
      for (const { peer, write } of router.bytes(client, chunk, NOW)) {
        if (peer.kind !== "link" || write.length === 0) continue;
        for (const effect of router.bytes(peer, answers.get(peer) as Buffer, NOW)) {
          if (effect.peer.kind === "client") received += sizeOf(effect.write);
        }
      }
    }
    if (received !== turns * expected) throw new Error(`${received} bytes for ${turns} chunks`);
  };
}

/** Plays the servers until nothing is left to do; returns the bytes that the client got. */
function settle(router: Router, effects: Effects, answers: Map<Peer, Buffer>): number {
  let received = 0;
  const pending = [effects];
  for (let next = pending.shift(); next !== undefined; next = pending.shift()) {
    for (const { peer, open, write } of next) {
      if (open !== null) pending.push(router.opened(peer, NOW));
      if (write.length === 0) continue;
      if (peer.kind === "client") {
        received += sizeOf(write);
      } else {
        const answer = Buffer.concat(new RespSplitter().push(Buffer.concat(write)).map(answerTo));
        answers.set(peer, answer);
        pending.push(router.bytes(peer, answer, NOW));
      }
    }
  }
  return received;
}

/** What a server would say; a command is itself an array in RESP. */
function answerTo(command: Buffer): Buffer {
  const { elements } = parseReply(command) as { elements?: readonly { bytes: Buffer }[] };
  const name = String(elements?.[0]?.bytes).toUpperCase();
  if (name === "GET") return Buffer.from(`$1024\r\n${"x".repeat(1024)}\r\n`);
  if (name !== "MGET") return Buffer.from("+OK\r\n");
  const keys = (elements?.length ?? 1) - 1;
  return Buffer.from(`*${keys}\r\n${"$10\r\n0123456789\r\n".repeat(keys)}`);
}

function sizeOf(chunks: readonly Uint8Array[]): number {
  return chunks.reduce((sum, chunk) => sum + chunk.length, 0);
}
