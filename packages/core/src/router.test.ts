import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  bytesOf,
  forward,
  fragment,
  local,
  part,
  type Script,
  Stage,
  scripted,
  table,
  textOf,
} from "../test/scripted.ts";
import type { Effects } from "./effects.ts";
import { assertNever, ConfigError, LocalProtocolError } from "./errors.ts";
import { createRouter } from "./router.ts";

const simple: Script = {
  plan: (line) => {
    if (line === "both") return fragment([part("A\n"), part("B\n", { cluster: 1 })]);
    if (line === "me") return local("me");
    if (line === "quit") return local("bye", { end: true });
    if (line === "skip") return { type: "skip" };
    return line === "b" ? forward({ cluster: 1 }) : forward();
  },
  body: (line) => (line === "me" ? 2 : 0),
};

describe("Router", () => {
  it("gives a map of clusters to packets and the bytes for the client", () => {
    const router = createRouter({ codec: scripted(simple), table });
    const client = router.open(1);
    for (const { peer, open } of router.bytes(client, bytesOf("both\n"), 1)) {
      if (open !== null) router.opened(peer, 1);
    }
    const effects = router.bytes(client, bytesOf("1\nb\n2\n"), 1);
    const map = [...effects.toUpstreams].map(
      ([name, packets]) => `${name}: ${packets.map(textOf).join("")}`,
    );
    assert.deepEqual(map, ["a: 1\n2\n", "b: b\n"]);
    assert.deepEqual(effects.toClient, []);
    const b = router.peer("b");
    const a = router.peer("a");
    assert.ok(a && b);
    router.bytes(b, bytesOf("B\nb\n"), 1);
    assert.deepEqual(
      router.bytes(a, bytesOf("A\n1\n2\n"), 1).toClient.map(textOf).join(""),
      "A\n|B\n1\nb\n2\n",
    );
  });

  it("takes what happens to a peer by one name, too", () => {
    const run = (byName: boolean): string[] => {
      const router = createRouter({ codec: scripted(simple), table });
      const client = router.open(1);
      const seen = (effects: Effects): string =>
        JSON.stringify([effects.list, effects.deadline, router.clients, router.links]);
      const request = bytesOf("x\n");
      const first = byName
        ? router.input(client, "data", 1, request)
        : router.bytes(client, request, 1);
      const a = router.peer("a");
      assert.ok(a, "a link is opened");
      const answer = bytesOf("A\n");
      return [
        seen(first),
        seen(byName ? router.input(a, "connect", 2) : router.opened(a, 2)),
        seen(byName ? router.input(client, "full", 3, 9) : router.full(client, 9, 3)),
        seen(byName ? router.input(client, "drain", 4) : router.drained(client, 4)),
        seen(byName ? router.input(a, "data", 6, answer) : router.bytes(a, answer, 6)),
        seen(byName ? router.input(client, "end", 7) : router.halfClosed(client, 7)),
        seen(byName ? router.input(client, "close", 8) : router.lost(client, 8)),
      ];
    };
    assert.deepEqual(run(true), run(false));
    const states = run(true);
    for (const [i, state] of states.entries()) assert.notEqual(state, states[i + 1]);
  });

  it("joins the packets of two links of one cluster in the map", () => {
    const stage = new Stage({ plan: (line) => forward({ node: line }) }).client();
    const seen: string[] = [];
    const router = createRouter({
      codec: scripted({ plan: (line) => forward({ node: line }) }),
      table,
    });
    const client = router.open(1);
    for (const { peer, open } of router.bytes(client, bytesOf("x\ny\n"), 1))
      if (open !== null) router.opened(peer, 1);
    for (const [name, packets] of router.bytes(client, bytesOf("x\ny\n"), 1).toUpstreams)
      seen.push(name, ...packets.map(textOf));
    assert.deepEqual(seen, ["a", "x\n", "y\n"]);
    assert.equal(stage.router.sessions, 1);
  });

  it("forwards the very bytes received, without a copy", () => {
    const router = createRouter({ codec: scripted(simple), table });
    const client = router.open(1);
    for (const { peer, open } of router.bytes(client, bytesOf("1\n"), 1))
      if (open !== null) router.opened(peer, 1);
    const chunk = bytesOf("2\n3\n");
    const [packet] = router.bytes(client, chunk, 1).toUpstreams.get("a") ?? [];
    assert.equal(packet?.buffer, chunk.buffer);
    assert.equal(packet?.length, chunk.length);
  });

  it("explains what would become of requests, and sends nothing", () => {
    const stage = new Stage({ ...simple, need: 1 });
    const found = stage.router.explain(bytesOf("both\nskip\nb\nme\nxxquit\nnever\n"));
    assert.deepEqual(
      found.map(({ request, plan }) => `${request} ${plan}`),
      ["both fragment", "b forward", "me local", "quit local"],
    );
    assert.deepEqual(found[0]?.packets, [
      { cluster: "a", node: "", lane: "shared", bytes: 2 },
      { cluster: "b", node: "", lane: "shared", bytes: 2 },
    ]);
    assert.deepEqual(found[1]?.packets, [{ cluster: "b", node: "", lane: "shared", bytes: 2 }]);
    assert.equal(found[1]?.keys[0]?.cluster, "a");
    assert.deepEqual(found[2]?.packets, []);
    assert.deepEqual(stage.router.explain(bytesOf("half")), []);
    assert.equal(stage.router.upstreams.length, 0);
  });

  it("names a cluster that the table does not have as nothing, and calls a plan for it the codec's fault", () => {
    const stage = new Stage({ plan: () => forward({ cluster: 9 }) }).client();
    assert.equal(stage.router.explain(bytesOf("x\n"))[0]?.packets[0]?.cluster, "");
    assert.throws(() => stage.bytes("client 1", "x\n"), { code: "bad-codec" });
  });

  it("refuses what cannot work, at construction", () => {
    const codec = scripted(simple);
    const wrong = (options: object, code: string): void => {
      assert.throws(() => createRouter({ codec, table, ...options }), {
        name: "ConfigError",
        code,
      });
    };
    wrong({ capabilities: ["timers"] }, "missing-capability");
    wrong({ limits: { maxOutput: 0 } }, "bad-option");
    wrong({ limits: { maxNonsense: 1 } }, "bad-option");
    wrong({ table: { clusters: {} } }, "bad-table");
    wrong({ table: { ...table, protocol: "other" } }, "bad-table");
    assert.equal(createRouter({ codec, table, capabilities: ["fanOut"] }).sessions, 0);
  });

  it("takes a compiled table, and keeps the old one when the new one is wrong", () => {
    const stage = new Stage(simple);
    const before = stage.router.table;
    assert.equal(createRouter({ codec: scripted(simple), table: before }).table, before);
    assert.throws(() => stage.swap({ clusters: 3 }), ConfigError);
    assert.equal(stage.router.table, before);
    stage.swap({ ...table, defaultCluster: "b" });
    assert.notEqual(stage.router.table.version, before.version);
  });

  it("throws at the embedder, never because of a peer", () => {
    const stage = new Stage(simple).client();
    const stranger = { kind: "client" as const, key: "stranger", cluster: "", host: null };
    assert.throws(() => stage.router.bytes(stranger, bytesOf("x"), stage.now), {
      code: "unknown-peer",
    });
    assert.throws(() => stage.router.opened(stage.peer("client 1"), stage.now), {
      code: "unknown-peer",
    });
    assert.throws(() => stage.router.tick(stage.now - 1), { code: "time-went-back" });
    assert.throws(() => assertNever(3 as never), LocalProtocolError);
    assert.equal(stage.bytes("client 1", ""), "");
  });

  it("calls a codec that takes nothing, or too much, by its name", () => {
    for (const end of [0, 99]) {
      const codec = scripted(simple);
      const router = createRouter({
        codec: {
          ...codec,
          start: (context) => {
            const running = codec.start(context);
            return {
              session: (of) =>
                Object.defineProperty(running.session(of), "end", {
                  get: () => end,
                  set: () => {},
                }),
              link: (of) => Object.assign(running.link(of), { scan: () => end, event: "reply" }),
            };
          },
        },
        table,
      });
      assert.throws(() => router.bytes(router.open(1), bytesOf("x\n"), 1), { code: "bad-codec" });
    }
    const codec = scripted(simple);
    const router = createRouter({
      codec: {
        ...codec,
        start: (context) => ({
          ...codec.start(context),
          link: (of) =>
            Object.assign(codec.start(context).link(of), { scan: () => 99, event: "reply" }),
        }),
      },
      table,
    });
    for (const { peer, open } of router.bytes(router.open(1), bytesOf("1\n"), 1)) {
      if (open === null) continue;
      router.opened(peer, 1);
      assert.throws(() => router.bytes(peer, bytesOf("x"), 1), { code: "bad-codec" });
    }
  });

  it("closes a client once, however often it is told", () => {
    const stage = new Stage(simple).client();
    assert.equal(stage.bytes("client 1", "quit\n"), 'client 1 "bye" flush');
    assert.equal(stage.lost("client 1"), "");
    assert.equal(stage.bytes("client 1", "1\n"), "");
    assert.equal(stage.ended("client 1"), "");
    assert.equal(stage.drained("client 1"), "");
  });
});
