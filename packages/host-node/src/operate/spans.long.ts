/**
 * What spans cost a request of the router's own work, without sockets, in CPU time: none are made, or all of
 * them and no tracer takes them (what one costs is its own affair). The rounds take turns; the median counts.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { redis } from "@echarde/codec-redis";
import { createRouter, type Peer, type Router } from "@echarde/core";
import { trace } from "@opentelemetry/api";
import { makeSpan } from "./spans.ts";

const now = 1_700_000_000_000;
const pipeline = 16;
const requests = 320_000;
const rounds = 9;

test("what spans cost", (context) => {
  let made = 0;
  const off = loop(Number.POSITIVE_INFINITY, () => {});
  const on = loop(0, (router) => {
    for (const notice of router) {
      made += 1;
      makeSpan("redis", notice, now);
    }
  });
  const times: Record<string, number[]> = { off: [], all: [] };
  const take = (name: string, run: () => void): void => {
    const began = process.cpuUsage();
    run();
    const { user, system } = process.cpuUsage(began);
    times[name]?.push(((user + system) * 1_000) / requests);
  };
  trace.disable();
  for (let round = 0; round < rounds; round++) {
    take("off", off);
    take("all", on);
  }
  assert.equal(made, rounds * requests + pipeline, "one for each request, and the first ones");
  for (const [name, all] of Object.entries(times)) {
    const sorted = all.toSorted((a, b) => a - b);
    const median = sorted[rounds >> 1] ?? 0;
    const range = `${sorted[0]?.toFixed(0)} to ${sorted.at(-1)?.toFixed(0)}`;
    context.diagnostic(`${name}: ${median.toFixed(0)} ns a request (${range})`);
  }
});

type Notices = Iterable<Parameters<typeof makeSpan>[1]>;

/** One client that sends the same GETs again and again, and a server that answers at once. */
function loop(slowRequest: number, look: (notices: Notices) => void): () => void {
  const router: Router = createRouter({
    codec: redis(),
    slowRequest,
    table: { clusters: { a: { endpoints: ["127.0.0.1:1"] } }, defaultCluster: "a" },
  });
  const client = router.open(now);
  const chunk = Buffer.from("*2\r\n$3\r\nGET\r\n$3\r\nkey\r\n".repeat(pipeline));
  const answer = Buffer.from("$5\r\nvalue\r\n".repeat(pipeline));
  let link: Peer | null = null;
  for (const { peer, open } of router.bytes(client, chunk, now)) if (open !== null) link = peer;
  assert.ok(link !== null, "a link is opened");
  const server = link;
  let got = 0;
  const give = (bytes: Uint8Array): void => {
    const effects = router.bytes(server, bytes, now);
    for (const { peer, write } of effects) {
      if (peer.kind === "client") got += write.reduce((sum, { length }) => sum + length, 0);
    }
    look(effects.notices.filter((notice) => notice.type === "slow-request"));
  };
  router.opened(server, now);
  give(answer);
  return () => {
    const before = got;
    for (let done = 0; done < requests; done += pipeline) {
      router.bytes(client, chunk, now);
      give(answer);
    }
    assert.equal(got - before, (requests / pipeline) * answer.length, "each has its reply");
  };
}
