/** Routes by client id and user name, with real brokers. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { skipWithout } from "@echarde/testkit/servers";
import { startBehind } from "./brokers.ts";
import { TestClient } from "./client.ts";

const routes = [{ prefix: "alert", cluster: "m2" }];
const sessions = [
  { clientId: { prefix: "cam-" }, routes: [{ prefix: "alert", cluster: "m3" }] },
  { user: "bob", cluster: "m2" },
];

describe("sessions with routes of their own", { skip: skipWithout("mosquitto") }, () => {
  for (const version of [4, 5] as const) {
    test(`MQTT ${version}: publish, subscribe and will go by the session's routes`, async () => {
      const behind = await startBehind(routes, [{}, {}, {}], { sessions });
      const clients: TestClient[] = [];
      const connect = async (
        port: number,
        more: Parameters<TestClient["connect"]>[0],
      ): Promise<TestClient> => {
        const client = new TestClient(port, version);
        clients.push(client);
        assert.equal((await client.connect(more)).reason, 0);
        return client;
      };
      try {
        const watchers = await Promise.all(
          behind.brokers.map(async ({ port }, i) => {
            const watcher = await connect(port, { clientId: `watcher${i}` });
            await watcher.subscribe([{ filter: "#", qos: 1 }]);
            return watcher;
          }),
        );
        const will = {
          ...({
            topic: "alert/will",
            payload: Buffer.from("gone"),
            qos: 1,
            retain: false,
          } as const),
          properties: [],
        };
        const camera = await connect(behind.port, { clientId: "cam-1", will });
        const bob = await connect(behind.port, { clientId: "pump", userName: "bob" });
        const other = await connect(behind.port, { clientId: "other" });
        for (const [client, name] of [
          [camera, "camera"],
          [bob, "bob"],
          [other, "other"],
        ] as const) {
          await client.subscribe([{ filter: `back/${name}`, qos: 1 }]);
          await client.publish("alert/1", name, { qos: 1 });
          await client.publish("x", name, { qos: 1 });
        }
        // Each hears what its own clusters have: the default one, or m2 for bob.
        for (const [i, client, name] of [
          [0, camera, "camera"],
          [1, bob, "bob"],
          [0, other, "other"],
        ] as const) {
          await watchers[i]?.publish(`back/${name}`, "hello", { qos: 1 });
          await client.until(() => client.messages.length === 1, `a message for ${name}`);
        }
        await camera.drop();
        const seen = (i: number): string[] =>
          (watchers[i]?.messages ?? [])
            .map(({ topic, payload }) => `${topic} ${Buffer.from(payload)}`)
            .filter((text) => !text.startsWith("back/"))
            .sort();
        // QoS 1 was acknowledged, so a last message comes behind all that is wanted, and that is not.
        for (const [i, watcher] of watchers.entries()) {
          await watcher.publish("back/end", String(i), { qos: 1 });
          const last = (): boolean => watcher.messages.some(({ topic }) => topic === "back/end");
          await watcher.until(last, "the last message");
        }
        await watchers[2]?.until(() => seen(2).includes("alert/will gone"), "the will");
        assert.deepEqual(seen(0), ["x camera", "x other"]);
        assert.deepEqual(seen(1), ["alert/1 bob", "alert/1 other", "x bob"]);
        assert.deepEqual(seen(2), ["alert/1 camera", "alert/will gone"]);
      } finally {
        await Promise.all(clients.map((client) => client.drop()));
        await behind.end();
      }
    });
  }

  test("the admin port says how often each rule has decided, and what was dropped", async () => {
    const behind = await startBehind(
      routes,
      [{}, {}, {}],
      { sessions },
      { admin: { listen: "127.0.0.1:0" } },
    );
    const clients: TestClient[] = [];
    const connect = async (
      port: number,
      more: Parameters<TestClient["connect"]>[0],
    ): Promise<TestClient> => {
      const client = new TestClient(port, 5);
      clients.push(client);
      assert.equal((await client.connect(more)).reason, 0);
      return client;
    };
    const { server, port, brokers } = behind;
    const page = async (path: string): Promise<string> => {
      const { adminAddress } = server;
      if (adminAddress?.type !== "tcp") throw new Error("no admin port");
      return (await fetch(`http://127.0.0.1:${adminAddress.port}${path}`)).text();
    };
    try {
      for (const clientId of ["cam-1", "cam-2", "pump"]) await connect(port, { clientId });
      server.explain("client=cam-3 publish x");
      await connect(port, { clientId: "tap", userName: "bob" });
      assert.deepEqual(JSON.parse(await page("/table")).sessions, [
        { rule: 0, match: 'client id "cam-"…', hits: 2 },
        { rule: 1, match: 'user "bob"', hits: 1 },
      ]);
      const watcher = await connect(port, { clientId: "watcher" });
      await watcher.subscribe([{ filter: "#", qos: 1 }]);
      const stranger = await connect(brokers[0]?.port ?? 0, { clientId: "stranger" });
      await stranger.publish("alert/1", "past the router", { qos: 1 });
      await stranger.publish("mark", "", { qos: 1 });
      await watcher.until(() => watcher.messages.length === 1, "the mark");
      const text = await page("/metrics");
      for (const line of [
        'session_rule_hits_total{rule="0",match="clientId"} 2',
        'session_rule_hits_total{rule="1",match="user"} 1',
        'dropped_messages_total{reason="foreign"} 1',
        'dropped_messages_total{reason="expired"} 0',
      ]) {
        assert.ok(text.includes(`echarde_${line}\n`), `${line} in:\n${text}`);
      }
    } finally {
      await Promise.all(clients.map((client) => client.drop()));
      await behind.end();
    }
  });

  test("rules that change while it runs count for who connects then", async () => {
    const behind = await startBehind(routes, [{}, {}, {}], { sessions });
    const { port, brokers, server } = behind;
    const clusters = Object.fromEntries(
      brokers.map((broker, i) => [`m${i + 1}`, { endpoints: [`127.0.0.1:${broker.port}`] }]),
    );
    const config = (options: object): object => {
      return { protocol: "mqtt", defaultCluster: "m1", clusters, routes, options };
    };
    const clients: TestClient[] = [];
    const connect = async (
      to: number,
      more: Parameters<TestClient["connect"]>[0],
    ): Promise<TestClient> => {
      const client = new TestClient(to, 5);
      clients.push(client);
      assert.equal((await client.connect(more)).reason, 0);
      return client;
    };
    try {
      const watchers = await Promise.all(
        brokers.map(async (broker, i) => {
          const watcher = await connect(broker.port, { clientId: `watcher${i}` });
          await watcher.subscribe([{ filter: "#", qos: 1 }]);
          return watcher;
        }),
      );
      const older = await connect(port, { clientId: "pump", userName: "bob" });
      server.reconfigure(config({ sessions: [{ user: "bob", cluster: "m3" }] }));
      const younger = await connect(port, { clientId: "valve", userName: "bob" });
      await older.publish("x", "older", { qos: 1 });
      await younger.publish("x", "younger", { qos: 1 });
      const wrong = config({ sessions: [{ user: "bob", cluster: "nowhere" }] });
      assert.throws(() => server.reconfigure(wrong), /nowhere/);
      assert.throws(() => server.reconfigure(config({ connect: "lazy" })), /restart/);
      const last = await connect(port, { clientId: "pipe", userName: "bob" });
      await last.publish("x", "last", { qos: 1 });
      const texts = async (i: number, count: number): Promise<readonly string[]> => {
        const { messages } = watchers[i] as TestClient;
        await watchers[i]?.until(() => messages.length >= count, `${count} messages`);
        return messages.map(({ payload }) => String(payload));
      };
      assert.deepEqual(await texts(1, 1), ["older"]);
      assert.deepEqual(await texts(2, 2), ["younger", "last"]);
      assert.deepEqual(await texts(0, 0), []);
    } finally {
      await Promise.all(clients.map((client) => client.drop()));
      await behind.end();
    }
  });
});
