/**
 * What a codec on a parser library costs: CPU of the router without sockets, for one forwarded
 * request and its reply, beside the codec with a scanner of its own. `pnpm cost`
 */
import { redis } from "@echarde/codec-redis";
import { type Codec, createRouter, latin1, type Peer } from "@echarde/core";
import { redisOnParser } from "./redis-on-parser.ts";

const table = { clusters: { r1: { endpoints: ["127.0.0.1:1"] } }, defaultCluster: "r1" };
const perChunk = 16;

function measure(codec: Codec, bytes: number, requests: number): number {
  const router = createRouter({ codec, table });
  const client = router.open(1);
  const value = "x".repeat(bytes);
  const request = `*3\r\n$3\r\nSET\r\n$3\r\nkey\r\n$${bytes}\r\n${value}\r\n`;
  const chunk = latin1(request.repeat(perChunk));
  const replies = latin1("+OK\r\n".repeat(perChunk));
  const first = [...router.bytes(client, latin1(request), 1)];
  const link = first.find(({ open }) => open !== null)?.peer as Peer;
  router.opened(link, 1);
  router.bytes(link, latin1("+OK\r\n"), 1);
  const before = process.cpuUsage();
  for (let i = 0; i < requests; i += perChunk) {
    router.bytes(client, chunk, 1);
    router.bytes(link, replies, 1);
  }
  const { user, system } = process.cpuUsage(before);
  return ((user + system) * 1000) / requests;
}

const rounds = 5;
for (const bytes of [16, 1024]) {
  const costs = new Map<string, number[]>([
    ["own scanner", []],
    ["redis-parser", []],
  ]);
  for (let round = 0; round <= rounds; round++) {
    for (const [name, all] of costs) {
      const codec = name === "own scanner" ? redis() : redisOnParser;
      const nanoseconds = measure(codec, bytes, 50_000);
      if (round > 0) all.push(nanoseconds); // the first is for the compiler
    }
  }
  const [own = 0, parser = 0] = [...costs.values()].map(
    (all) => all.sort((a, b) => a - b)[rounds >> 1],
  );
  console.log(
    `SET of ${bytes} bytes: own scanner ${Math.round(own)} ns, redis-parser ${Math.round(parser)} ns, ${(parser / own).toFixed(1)}×`,
  );
}
