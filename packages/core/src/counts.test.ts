import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { bytesOf, forward, fragment, local, part, type Script, Stage } from "../test/scripted.ts";
import { commandStats, entryOf } from "./counts.ts";
import type { Slot } from "./journal.ts";
import { defaultLimits } from "./limits.ts";
import type { Notice } from "./notices.ts";
import { compileTable } from "./table/compile.ts";

const script: Script = {
  plan: (line) => {
    if (line === "both") return fragment([part("A\n"), part("B\n", { cluster: 1 })]);
    if (line === "tell") return fragment([part("T\n", { frames: 0 }), part("U\n")]);
    if (line === "me") return local("me");
    if (line === "gone") return local("gone", { release: true });
    if (line === "no") return { type: "refuse", bytes: [bytesOf("no")], end: false };
    if (line === "oneway") return forward({ frames: 0 });
    if (line === "wait") return forward({ lane: "private", hold: true, timeout: 9_000 });
    if (line === "ever") return forward({ timeout: 0 });
    if (line === "body") return forward({ lane: "private" });
    return line === "b" ? forward({ cluster: 1 }) : forward();
  },
  body: (line) => (line === "body" ? 4 : 0),
};

/** Counters of a name at an upstream, without what is zero. */
function counted(stage: Stage, upstream: string, label: string): Record<string, unknown> {
  const stats = stage.router.upstreams.find(({ name }) => name === upstream)?.commands.get(label);
  if (stats === undefined) return {};
  const { latency, ...rest } = stats;
  const buckets = [...latency].flatMap((count, i) => (count > 0 ? [`${i}: ${count}`] : []));
  const all = { ...rest, ...(buckets.length > 0 ? { latency: buckets } : {}) };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== 0));
}

/** A stage that keeps its notices. */
class Watched extends Stage {
  readonly notices: Notice[] = [];
  override did(effects: Parameters<Stage["did"]>[0]): string {
    this.notices.push(...effects.notices);
    return super.did(effects);
  }
  /** Notices since the last call. */
  heard(): Notice[] {
    return this.notices.splice(0);
  }
}

describe("counters", () => {
  it("are kept for each name at each upstream: requests, replies, errors, bytes, latency", () => {
    const stage = new Stage(script, { counters: true }).client();
    stage.bytes("client 1", "x\nboth\ny\nb\nz\n");
    stage.opened("a");
    stage.opened("b");
    stage.now += 3;
    stage.bytes("a", "one\n-A\n");
    stage.now += 100;
    stage.bytes("b", "B\nlong");
    stage.bytes("b", "er\n");
    const early = { milliseconds: 3, latency: ["5: 1"] };
    const late = { milliseconds: 103, latency: ["10: 1"] };
    const x = { requests: 1, replies: 1, bytesOut: 2, bytesIn: 4, ...early };
    assert.deepEqual(counted(stage, "a", "x"), x);
    const both = { requests: 1, replies: 1, bytesOut: 2 };
    assert.deepEqual(counted(stage, "a", "both"), {
      ...{ ...both, errors: 1, bytesIn: 3, ...early },
    });
    assert.deepEqual(counted(stage, "b", "both"), { ...both, bytesIn: 2, ...late });
    assert.deepEqual(counted(stage, "a", "y"), { requests: 1, bytesOut: 2 });
    stage.bytes("a", "fine\nz\n");
    assert.equal(counted(stage, "a", "y")["errors"], undefined);
    assert.equal(counted(stage, "a", "z")["errors"], undefined);
    assert.deepEqual(counted(stage, "b", "b"), { ...x, bytesIn: 7, ...late });
  });

  it("are kept of one-way requests, bodies, and what the router answers itself", () => {
    const stage = new Stage(script, { counters: true }).client();
    stage.bytes("client 1", "oneway\ntell\nme\nno\nno\n");
    stage.opened("a");
    assert.deepEqual(counted(stage, "a", "oneway"), { oneWay: 1, bytesOut: 7 });
    assert.deepEqual(counted(stage, "a", "tell"), { requests: 1, oneWay: 1, bytesOut: 4 });
    stage.bytes("a", "U\n");
    stage.bytes("client 1", "gone\nbody\n12");
    stage.opened("a/private 1");
    stage.bytes("client 1", "34");
    assert.deepEqual(counted(stage, "a", "body"), { requests: 1, bytesOut: 9 });
    assert.deepEqual(
      [...stage.router.local],
      [
        ["me", { answered: 1, refused: 0 }],
        ["no", { answered: 0, refused: 2 }],
        ["gone", { answered: 1, refused: 0 }],
      ],
    );
  });

  it("count each request that failed, also while nothing is tried", () => {
    const stage = new Stage(script, { counters: true }).client();
    stage.bytes("client 1", "x\n");
    stage.lost("a");
    stage.bytes("client 1", "x\nboth\n");
    assert.deepEqual(counted(stage, "a", "x"), { failures: 2 });
    assert.deepEqual(counted(stage, "a", "both"), { failures: 1 });
    const [a] = stage.router.upstreams;
    assert.equal(a?.stats.failures, 3);
    assert.deepEqual([a?.state, a?.stats.connectFailures], ["down", 1]);
    assert.ok((a?.retryAt ?? 0) > stage.now);
  });

  it("are not kept unless asked for", () => {
    const stage = new Stage(script).client();
    stage.bytes("client 1", "x\nme\n");
    stage.opened("a");
    stage.bytes("a", "one\n");
    assert.deepEqual([stage.router.upstreams[0]?.commands.size, stage.router.local.size], [0, 0]);
    assert.equal(stage.router.table.hits, null);
  });

  it("have a bound: names beyond it are one", () => {
    const map = new Map();
    for (let i = 0; i < 3_000; i++) entryOf(map, `name ${i}`, commandStats).requests += 1;
    assert.equal(map.size, 1_001);
    assert.equal(map.get("OTHER").requests, 2_000);
  });
});

describe("hits of rules", () => {
  const spec = {
    clusters: { a: { endpoints: ["a:1"] }, b: { endpoints: ["b:1"] } },
    defaultCluster: "a",
    localCluster: "a",
    routes: [
      { key: "k", cluster: "b" },
      { prefix: "p:", hash: "crc16-slots", over: ["a", "b"] },
      { range: ["m", "n"], cluster: "a" },
    ],
  };

  it("count the keys that each rule decides, and not those that are explained", () => {
    const table = compileTable(spec, { hashTag: null, countHits: true });
    for (const key of ["k", "k", "p:1", "p:2", "p:3", "m", "z", "y"]) {
      table.explain(bytesOf(key)); // counts nothing
      table.route(bytesOf(key), 0, key.length);
    }
    assert.deepEqual([...(table.hits ?? [])], [2, 2, 3, 1]);
    assert.deepEqual(table.rules(), [
      { match: "key", words: 'key "k"', owner: "b" },
      { match: "prefix", words: 'prefix "p:"', owner: "crc16-slots over a, b" },
      { match: "range", words: 'range ["m", "n")', owner: "a" },
    ]);
  });
});

describe("explain", () => {
  it("leaves the hits of rules as they are", () => {
    const stage: Stage = new Stage(
      {
        plan: () => {
          stage.router.table.route(bytesOf("k"), 0, 1);
          return forward();
        },
      },
      { counters: true },
    ).client();
    stage.bytes("client 1", "x\n");
    stage.router.explain(bytesOf("x\n"));
    assert.deepEqual([...(stage.router.table.hits ?? [])], [1]);
  });
});

describe("views", () => {
  it("show what clients and links hold", () => {
    const stage = new Stage(script).client();
    stage.bytes("client 1", "x\nboth\nwait\nlater\n");
    const [client] = stage.router.clients;
    assert.deepEqual(client, {
      ...{ key: "client 1", state: "held", inFlight: 2, heldBytes: 6, unsentBytes: 0 },
    });
    assert.deepEqual(
      stage.router.links.map(({ key, state, queued, heldBytes }) => [
        ...[key, state, queued, heldBytes],
      ]),
      [
        ["a", "opening", 2, 4],
        ["b", "opening", 1, 2],
      ],
    );
    stage.opened("a");
    stage.opened("b");
    stage.bytes("a", "one\nA\n");
    const [a, b] = stage.router.links;
    assert.deepEqual(a, {
      ...{ key: "a", cluster: "a", node: "", lane: "shared", state: "ready" },
      ...{ inFlight: 0, queued: 0, heldBytes: 0 },
    });
    assert.deepEqual([b?.inFlight, b?.queued], [1, 0]);
    assert.equal(stage.router.clients[0]?.heldBytes, "A\nlater\n".length);
    stage.bytes("b", "B\n");
    const own = stage.router.links.find(({ lane }) => lane === "private");
    assert.equal(own?.key, "a/private 1");
  });
});

describe("notices", () => {
  it("say once that an upstream is up, and why a connection was lost", () => {
    const stage = new Watched(script).client();
    stage.bytes("client 1", "x\n");
    stage.opened("a");
    assert.deepEqual(stage.heard(), [{ type: "upstream-up", upstream: "a", endpoint: "a:1" }]);
    stage.bytes("client 1", "wait\n");
    stage.bytes("a", "one\n");
    stage.opened("a/private 1");
    assert.deepEqual(stage.heard(), []);
    stage.bytes("a", "?\n");
    const lost = { type: "link-lost", upstream: "a", link: "a", reason: "garbage", inFlight: 0 };
    assert.deepEqual(stage.heard(), [lost]);
    assert.equal(stage.router.upstreams[0]?.state, "up"); // the private link stands
    stage.lost("a/private 1");
    assert.deepEqual(stage.heard(), [
      { ...lost, link: "a/private 1", reason: "lost", inFlight: 1 },
    ]);
    assert.equal(stage.router.upstreams[0]?.state, "unknown");
    assert.equal(stage.router.upstreams[0]?.stats.lost, 2);
    stage.bytes("client 1", "x\n");
    stage.opened("a#2");
    assert.deepEqual(
      stage.heard().map(({ type }) => type),
      ["upstream-up"],
    );
  });

  it("say why a client was closed, where the codec gives a reason", () => {
    const closed = (reason?: string): readonly Notice[] => {
      const why = reason === undefined ? {} : { reason };
      const stage = new Watched({
        plan: () => ({ type: "refuse", bytes: [], end: true, ...why }),
      }).client();
      stage.bytes("client 1", "bad\n");
      return stage.heard();
    };
    assert.deepEqual(closed("words"), [{ type: "client-closed", request: "bad", reason: "words" }]);
    assert.deepEqual(closed(), []);
  });

  it("say that settings were refused; the upstream can be reached all the same", () => {
    const slot: Slot = {
      ...{ name: "user", rank: 0, identity: true, initial: false },
      ...{ packet: bytesOf("U\n"), packets: null },
    };
    const stage = new Watched({
      plan: (_, context) => {
        context.journal = context.journal.with(slot);
        return forward();
      },
    }).client();
    stage.bytes("client 1", "x\n");
    stage.opened("a");
    stage.heard();
    stage.bytes("a", "-no\n");
    const [notice] = stage.heard();
    assert.ok(notice?.type === "link-lost" && notice.reason === "handshake");
    const [a] = stage.router.upstreams;
    assert.deepEqual([a?.state, a?.stats.lost, a?.links], ["up", 0, 0]);
  });

  it("say that no endpoint answers, with the back-off; not that an unused connection was closed", () => {
    const stage = new Watched(script).client();
    stage.bytes("client 1", "b\n");
    stage.lost("b");
    assert.deepEqual(stage.heard(), []);
    stage.lost("b");
    const [down, ...more] = stage.heard();
    assert.ok(down?.type === "upstream-down" && more.length === 0);
    assert.deepEqual([down.upstream, down.endpoint, down.attempts], ["b", "b:2", 1]);
    assert.ok(down.backoff > 0 && down.backoff <= defaultLimits.minBackoff);
    stage.bytes("client 1", "x\n");
    stage.opened("a");
    stage.bytes("a", "one\n");
    stage.heard();
    assert.equal(stage.wait(defaultLimits.idleTimeout + 1), "a flush");
    assert.deepEqual(stage.heard(), []);
    assert.equal(stage.router.upstreams.find(({ name }) => name === "a")?.state, "up");
  });

  it("say which requests were slow, by name and upstream alone; waiting for an event is not slow", () => {
    const stage = new Watched(script, { slowRequest: 50 }).client().client().client();
    stage.bytes("client 1", "x\nboth\n");
    stage.bytes("client 2", "wait\n");
    stage.bytes("client 3", "ever\n");
    for (const link of ["a", "b", "a/private 2"]) stage.opened(link);
    stage.heard();
    stage.now += 49;
    stage.bytes("a", "one\n");
    stage.now += 1;
    stage.bytes("a", "A\n");
    const slow = { type: "slow-request", upstream: "a", request: "both", milliseconds: 50 };
    assert.deepEqual(stage.heard(), [{ ...slow, outcome: "reply" }]);
    stage.now += 1_000;
    stage.bytes("a/private 2", "event\n");
    assert.equal(stage.bytes("a", "at last\n"), 'client 3 "at last\\n"');
    assert.deepEqual(stage.heard(), []);
    stage.wait(defaultLimits.requestTimeout);
    const [late] = stage.heard();
    assert.ok(late?.type === "slow-request" && late.outcome === "timeout");
    assert.deepEqual([late.upstream, late.request], ["b", "both"]);
    stage.bytes("b", "B\n");
    assert.deepEqual(stage.heard(), []);
    stage.router.slowRequest = Number.POSITIVE_INFINITY;
    stage.bytes("client 1", "x\n");
    stage.now += 1_000;
    stage.bytes("a", "one\n");
    assert.deepEqual(stage.heard(), []);
  });

  it("have a bound for one input", () => {
    const stage = new Watched(script, { slowRequest: 50 }).client();
    stage.bytes("client 1", "x\n".repeat(1_000));
    stage.opened("a");
    stage.heard();
    stage.now += 50;
    stage.bytes("a", "one\n".repeat(1_000));
    assert.equal(stage.heard().length, 256);
  });
});
