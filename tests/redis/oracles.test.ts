/** Our reading of Redis against others': slots against a cluster node, replies against redis-parser. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { redis } from "@echarde/codec-redis";
import { braceTag, slotOf as coreSlotOf, createRouter } from "@echarde/core";
import { Random } from "@echarde/testkit";
import {
  connectRaw,
  type RawClient,
  RespSplitter,
  skipWithout,
  startRedis,
} from "@echarde/testkit/servers";
import RedisParser from "redis-parser";
import { latin1Text } from "../../packages/codec-redis/src/wire/ascii.ts";
import {
  errorText,
  isError,
  isNull,
  ReplyItem,
} from "../../packages/codec-redis/src/wire/reply-reader.ts";
import { ReplyScanner } from "../../packages/codec-redis/src/wire/reply-scanner.ts";
import { writeChapter } from "./differential/chapter.ts";
import { bytesOf, encode, type Item } from "./differential/item.ts";
import { slotOf, slotRanges } from "./differential/slots.ts";

const skip = skipWithout("redis-server");
const seed = Number(process.env["ECHARDE_SEED"] ?? 1);

/** Keys full of braces, empty ones, bytes of any value. */
function someKey(random: Random): Buffer {
  const pieces = ["{", "}", "{", "}", "a", "user", "1000", "\0", "\xff", "\r\n", "{}", "é"];
  const count = random.below(9);
  return Buffer.from(Array.from({ length: count }, () => random.pick(pieces)).join(""), "latin1");
}

test("slots of 20,000 keys are those of CLUSTER KEYSLOT, and their owners follow", {
  skip,
}, async () => {
  const server = await startRedis({ args: ["--cluster-enabled", "yes"] });
  const client = await connectRaw(server.port);
  try {
    const random = new Random(seed);
    const fixed = [
      "",
      "{}",
      "foo{}{bar}",
      "foo{{bar}}zap",
      "foo{bar}{zap}",
      "{}x{y}",
      "foo}bar{",
      "123456789",
    ];
    const keys = [
      ...fixed.map((key) => Buffer.from(key)),
      ...Array.from({ length: 20_000 }, () => someKey(random)),
    ];
    client.send(
      Buffer.concat(
        keys.map((key) => encode([Buffer.from("CLUSTER"), Buffer.from("KEYSLOT"), key])),
      ),
    );
    const slots = (await client.replies(keys.length)).map((reply) =>
      Number(reply.toString("latin1", 1)),
    );
    const tag = braceTag(123, 125);
    const router = routerOver();
    const seen = new Set<number>();
    for (const [i, key] of keys.entries()) {
      const slot = slots[i] as number;
      tag.find(key, 0, key.length);
      assert.equal(coreSlotOf(key, tag.from, tag.to), slot, JSON.stringify(key.toString("latin1")));
      assert.equal(slotOf(key), slot, "the test's own computation");
      const owner = slotRanges.findIndex(([first, last]) => slot >= first && slot <= last);
      const [explanation] = router.explain(encode([Buffer.from("GET"), key]));
      assert.equal(explanation?.keys[0]?.cluster, `redis${owner + 1}`);
      seen.add(slot);
    }
    assert.ok(seen.size > 3000, `only ${seen.size} slots`);
  } finally {
    await client.close();
    await server.stop();
  }
});

test("replies of a real server are framed and decoded as redis-parser does", {
  skip,
}, async (t) => {
  const server = await startRedis();
  try {
    const random = new Random(seed);
    const items = writeChapter(seed, 6_000, Buffer.from("no payload")).flatMap((unit) =>
      unit.task === undefined || unit.task === "randomkey" ? unit.items.filter(mayRecord) : [],
    );
    const stream = await record(server.port, items);
    const frames = scan(stream, random);
    const theirs: unknown[] = [];
    const take = (value: unknown): void => {
      theirs.push(value);
    };
    new RedisParser({
      ...{ returnReply: take, returnError: take, returnFatalError: take },
      returnBuffers: true,
    }).execute(stream);
    assert.deepEqual(frames.map(decode), theirs.map(neutral));
    assert.equal(frames.length, items.length);
    t.diagnostic(`${frames.length} replies, ${stream.length} bytes`);
  } finally {
    await server.stop();
  }
});

test("RESP3 replies of a real server are framed as by the test kit", { skip }, async () => {
  const server = await startRedis();
  try {
    const random = new Random(seed);
    const hello: Item = { ...({} as Item), args: [Buffer.from("HELLO"), Buffer.from("3")] };
    const items = writeChapter(seed + 1, 6_000, Buffer.from("no payload")).flatMap((unit) =>
      unit.task === undefined ? unit.items.filter(mayRecord) : [],
    );
    const stream = await record(server.port, [hello, ...items]);
    const expected = new RespSplitter().push(stream).map((frame) => frame.toString("latin1"));
    const frames = scan(stream, random).map((frame) => Buffer.from(frame).toString("latin1"));
    assert.deepEqual(frames, expected);
    assert.ok(
      expected.some((frame) => frame.startsWith("%")) &&
        expected.some((frame) => frame.startsWith("~")),
    );
  } finally {
    await server.stop();
  }
});

function routerOver(): ReturnType<typeof createRouter> {
  const names = slotRanges.map((_, i) => `redis${i + 1}`);
  return createRouter({
    codec: redis(),
    table: {
      clusters: Object.fromEntries(names.map((name) => [name, { endpoints: ["127.0.0.1:1"] }])),
      localCluster: "redis1",
      routes: [
        {
          hash: "crc16-slots",
          slots: Object.fromEntries(names.map((name, i) => [name, [slotRanges[i]?.join("-")]])),
        },
      ],
    },
  });
}

/** One reply each, in one protocol: what ends the connection, changes it or answers nothing is left out. */
function mayRecord({ label, raw, replies, closes, role }: Item): boolean {
  return (
    raw === undefined &&
    replies === undefined &&
    closes !== true &&
    role !== "refused" &&
    !/^(HELLO|RESET|CLIENT REPLY|QUIT|BL|BR|BZ)/.test(label)
  );
}

/** The very bytes that the server answers. */
async function record(port: number, items: readonly Item[]): Promise<Buffer> {
  const client: RawClient = await connectRaw(port);
  const chunks: Buffer[] = [];
  client.socket.on("data", (chunk: Buffer) => chunks.push(Buffer.from(chunk)));
  client.send(Buffer.concat(items.map(bytesOf)));
  await client.replies(items.length, 30_000);
  await client.close();
  return Buffer.concat(chunks);
}

/** Cuts the stream at random and lets our scanner find the frames. */
function scan(stream: Buffer, random: Random): Uint8Array[] {
  const scanner = new ReplyScanner();
  const frames: Uint8Array[] = [];
  let start = 0;
  for (let from = 0; from < stream.length; ) {
    const chunk = stream.subarray(
      0,
      Math.min(stream.length, from + 1 + random.below(random.pick([3, 50, 5000]))),
    );
    let at = from;
    while (at < chunk.length) {
      const end = scanner.scan(chunk, at);
      assert.notEqual(scanner.event, "garbage", `at byte ${at}`);
      if (scanner.event === "need") break;
      at = end;
      if (scanner.event !== "reply") continue;
      frames.push(stream.subarray(start, at));
      start = at;
    }
    from = chunk.length;
  }
  assert.equal(start, stream.length);
  return frames;
}

/** A RESP2 value in a neutral form, through our reader. */
function decode(frame: Uint8Array): unknown {
  const item = new ReplyItem();
  const read = (at: number): [unknown, number] => {
    const next = item.open(frame, at);
    if (item.isNull) {
      assert.ok(isNull(frame, at));
      return [null, next];
    }
    if (isError(frame, at)) return [{ error: errorText(frame, at) }, next];
    if (item.type === 42) {
      const values: unknown[] = [];
      let inner = next;
      for (let left = item.count; left > 0; left--) {
        const [value, after] = read(inner);
        values.push(value);
        inner = after;
      }
      return [values, inner];
    }
    const text = latin1Text(frame, item.from, item.to);
    return [item.type === 58 ? Number(text) : text, next];
  };
  const [value, end] = read(0);
  assert.equal(end, frame.length);
  return value;
}

/** What redis-parser gives, likewise. */
function neutral(value: unknown): unknown {
  if (value instanceof Error) return { error: value.message };
  if (Buffer.isBuffer(value)) return value.toString("latin1");
  return Array.isArray(value) ? value.map(neutral) : value;
}
