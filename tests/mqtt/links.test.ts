/** `onLoss: isolate`: clients stay when a broker is lost. `connect: lazy`: links are opened when they are needed. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { propertyId, type Version } from "@echarde/codec-mqtt";
import { type MosquittoOptions, skipWithout } from "@echarde/testkit/servers";
import { type Behind, startBehind } from "./brokers.ts";
import { Memory, PATIENCE, TestClient } from "./client.ts";

const routes = [{ prefix: "edge", cluster: "m2" }];
const never = [{ id: propertyId.sessionExpiry, value: 0xffffffff }] as const;

/** What a client that keeps its session says. */
function kept(version: Version): Parameters<TestClient["connect"]>[0] {
  return { clientId: "kept", cleanStart: false, properties: version === 5 ? never : [] };
}

function shown({ messages }: TestClient): string[] {
  return messages.map(({ topic, payload }) => `${topic} ${Buffer.from(payload)}`);
}

/** How many links to the second broker have been lost. */
function lostLinks({ server }: Behind): number {
  return server.stats().upstreams.find(({ cluster }) => cluster === "m2")?.stats.lost ?? 0;
}

/** The Message Expiry Interval of a message, null = none. */
function intervalOf(message: TestClient["messages"][number] | undefined): number | null {
  const found = message?.properties.find(({ id }) => id === propertyId.messageExpiry);
  return found !== undefined && typeof (found as { value?: unknown }).value === "number"
    ? (found as { value: number }).value
    : null;
}

describe("links to brokers", { skip: skipWithout("mosquitto") }, () => {
  const ends: (() => Promise<unknown> | unknown)[] = [];
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
  });

  /** Two brokers; with `keeps` they have a memory that a stop leaves. */
  async function start(
    options: Readonly<Record<string, unknown>>,
    keeps = false,
  ): Promise<Behind & { lose(): Promise<void>; again(): Promise<void> }> {
    const folders = [1, 2].map(() => mkdtempSync(join(tmpdir(), "echarde-mqtt-")));
    for (const dir of folders) ends.push(() => rmSync(dir, { recursive: true, force: true }));
    const each = folders.map((dir): MosquittoOptions => (keeps ? { dir, persistence: true } : {}));
    const timeouts = { request: "2s" };
    const behind = await startBehind(routes, each, options, { timeouts });
    ends.push(() => behind.end());
    const [, second] = behind.brokers;
    assert.ok(second !== undefined, "a second broker");
    return { ...behind, lose: () => second.stop(), again: () => second.restart() };
  }

  async function client(
    { port }: Behind,
    version: Version,
    how: Parameters<TestClient["connect"]>[0] | string,
    memory = new Memory(),
  ): Promise<TestClient> {
    const made = new TestClient(port, version, memory);
    const connack = await made.connect(typeof how === "string" ? { clientId: how } : how);
    assert.equal(connack.reason, 0);
    return made;
  }

  /** Names of the clusters that were connected to. */
  function used({ server }: Behind): string[] {
    return server
      .stats()
      .upstreams.filter(({ stats }) => stats.requests > 0)
      .map(({ cluster }) => cluster)
      .sort();
  }

  test("close: a broker that does not answer ends the client, however often it was to be asked", async () => {
    const behind = await start({});
    const [, second] = behind.brokers;
    const subscriber = await client(behind, 5, { clientId: "impatient", keepAlive: 1 });
    const alive = setInterval(() => subscriber.send({ type: "pingreq" }), 300);
    ends.push(() => clearInterval(alive));
    process.kill(second?.pid ?? 0, "SIGSTOP");
    ends.push(() => process.kill(second?.pid ?? 0, "SIGCONT"));
    await subscriber.closed();
    assert.equal(reasonOf(subscriber.packets.at(-1)), 0x89);
  });

  test("isolate: a broker that does not answer is left, and the client stays", async () => {
    const behind = await start({ onLoss: "isolate" }, true);
    const [, second] = behind.brokers;
    const subscriber = await client(behind, 5, { ...kept(5), keepAlive: 1 });
    await subscriber.subscribe([{ filter: "#", qos: 1 }]);
    const alive = setInterval(() => subscriber.send({ type: "pingreq" }), 300);
    ends.push(() => clearInterval(alive));
    process.kill(second?.pid ?? 0, "SIGSTOP");
    ends.push(() => process.kill(second?.pid ?? 0, "SIGCONT"));
    await subscriber.until(() => lostLinks(behind) > 0, "the end of the link");
    assert.equal(await subscriber.publish("other", "meanwhile", { qos: 1 }), 0);
    process.kill(second?.pid ?? 0, "SIGCONT");
    assert.equal(await subscriber.publish("edge/a", "later", { qos: 1 }), 0);
    await subscriber.until(() => subscriber.messages.length === 2, "both messages");
    await subscriber.disconnect();
  });

  test("a message that expires while the client has no room for it is not sent", async () => {
    const behind = await start({});
    const receiveMaximum = { id: propertyId.receiveMaximum, value: 1 } as const;
    const subscriber = await client(behind, 5, { clientId: "full", properties: [receiveMaximum] });
    await subscriber.subscribe([{ filter: "#", qos: 2 }]);
    subscriber.acknowledges = false;
    const publisher = await client(behind, 5, "publisher");
    const lives = (seconds: number) => ({
      qos: 2 as const,
      properties: [{ id: propertyId.messageExpiry, value: seconds }],
    });
    await publisher.publish("other", "first", lives(600));
    await subscriber.until(() => subscriber.messages.length === 1, "the first message");
    // The second broker has a Receive Maximum of its own, so this one waits in the router.
    await publisher.publish("edge/a", "short", lives(2));
    await publisher.publish("edge/a", "long", lives(600));
    await sleep(3_100);
    subscriber.acknowledges = true;
    const packetId = subscriber.messages[0]?.packetId ?? 0;
    subscriber.send({ type: "pubrec", packetId, reason: null, properties: null });
    await subscriber.until(() => subscriber.messages.length > 1, "a message of the second broker");
    assert.deepEqual(shown(subscriber), ["other first", "edge/a long"]);
    const [first, long] = subscriber.messages.map(intervalOf);
    assert.ok((first ?? 0) >= 590 && (long ?? 600) <= 597, `waited: ${first}, ${long}`);
    await subscriber.disconnect();
    await publisher.disconnect();
  });

  test("isolate: a message that expires before its broker is there again is acknowledged, and not sent", async () => {
    const behind = await start({ onLoss: "isolate" }, true);
    const subscriber = await client(behind, 5, kept(5));
    await subscriber.subscribe([{ filter: "edge/#", qos: 2 }]);
    const publisher = await client(behind, 5, "publisher");
    await behind.lose();
    await subscriber.until(() => lostLinks(behind) > 1, "the end of both links");
    const late = ([1, 2] as const).flatMap((qos) =>
      [1, 600].map((value) =>
        publisher.publish("edge/a", `${qos} ${value}`, {
          ...{ qos, properties: [{ id: propertyId.messageExpiry, value }] },
        }),
      ),
    );
    await sleep(2_100);
    await behind.again();
    assert.deepEqual(await Promise.all(late), [0, 0, 0, 0]);
    await subscriber.until(() => subscriber.messages.length > 1, "what has not expired");
    assert.deepEqual(shown(subscriber).sort(), ["edge/a 1 600", "edge/a 2 600"]);
    for (const message of subscriber.messages) {
      const left = intervalOf(message) ?? 600;
      assert.ok(left <= 598, `the time in the router is taken off: ${left}`);
    }
    await publisher.disconnect();
    await subscriber.disconnect();
  });

  for (const version of [4, 5] as const) {
    test(`MQTT ${version}, isolate: a client stays, and what it has published comes when the broker is there again`, async () => {
      const behind = await start({ onLoss: "isolate" }, true); // else who comes first matters
      const publisher = await client(behind, version, "publisher");
      const subscriber = await client(behind, version, kept(version));
      await subscriber.subscribe([{ filter: "#", qos: 2 }]);
      await publisher.publish("edge/a", "before", { qos: 1 });
      await publisher.publish("other", "before", { qos: 1 });
      await subscriber.until(() => subscriber.messages.length === 2, "messages of both");
      await behind.lose();
      const late = [1, 2].map((qos) =>
        publisher.publish("edge/a", `qos ${qos}`, { qos: qos as 1 | 2 }),
      );
      await publisher.publish("edge/a", "nobody was there", { qos: 0 });
      for (let i = 0; i < 3; i++) await publisher.publish("other", `${i}`, { qos: 1 });
      await subscriber.until(() => subscriber.messages.length === 5, "messages of the other one");
      assert.deepEqual(await subscriber.subscribe([{ filter: "edge/+", qos: 1 }]), [1]);
      await behind.again();
      assert.deepEqual(await Promise.all(late), [0, 0]);
      const edge = (): string[] => shown(subscriber).filter((text) => /^edge\/a qos/.test(text));
      await subscriber.until(() => edge().length >= 2, "messages that waited");
      assert.deepEqual([...new Set(edge())], ["edge/a qos 1", "edge/a qos 2"]);
      assert.ok(!shown(subscriber).includes("edge/a nobody was there"), "QoS 0 is lost");
      await publisher.disconnect();
      await subscriber.disconnect();
    });

    test(`MQTT ${version}, isolate: QoS 2 to the client goes on over the same connection`, async () => {
      const behind = await start({ onLoss: "isolate" }, true);
      const memory = new Memory();
      const subscriber = await client(behind, version, kept(version), memory);
      await subscriber.subscribe([{ filter: "edge/#", qos: 2 }]);
      const publisher = await client(behind, version, "publisher");
      subscriber.acknowledges = false;
      await publisher.publish("edge/a", "one", { qos: 2 });
      await subscriber.until(() => subscriber.messages.length === 1, "the message");
      await behind.lose();
      subscriber.acknowledges = true;
      await behind.again();
      await publisher.publish("edge/a", "two", { qos: 2 });
      await subscriber.until(() => memory.unreleased.size === 0, "PUBREL of both");
      await subscriber.until(() => subscriber.messages.length === 2, "the next message");
      assert.deepEqual(shown(subscriber), ["edge/a one", "edge/a two"]);
      assert.equal(subscriber.ended, false);
      await subscriber.disconnect();
      await publisher.disconnect();
    });

    test(`MQTT ${version}: what a broker has forgotten is released in its place`, async () => {
      const behind = await start({ onLoss: "isolate" });
      const memory = new Memory();
      const subscriber = await client(behind, version, kept(version), memory);
      await subscriber.subscribe([{ filter: "edge/#", qos: 2 }]);
      const publisher = await client(behind, version, "publisher");
      subscriber.acknowledges = false;
      await publisher.publish("edge/a", "one", { qos: 2 });
      await subscriber.until(() => subscriber.messages.length === 1, "the message");
      const [first] = memory.unreleased;
      await behind.lose();
      subscriber.acknowledges = true;
      await behind.again(); // without its memory
      await subscriber.until(() => !memory.unreleased.has(first ?? 0), "PUBREL of the router");
      await publisher.publish("edge/a", "two", { qos: 2 });
      await subscriber.until(() => subscriber.messages.length === 2, "the next message");
      await subscriber.disconnect();
      await publisher.disconnect();
    });

    test(`MQTT ${version}, isolate: clients come while a broker is away`, async () => {
      const behind = await start({ onLoss: "isolate" }, true);
      const first = await client(behind, version, kept(version));
      await first.subscribe([{ filter: "edge/gone" }, { filter: "edge/stays", qos: 1 }]);
      await first.disconnect();
      await behind.lose();
      const subscriber = await client(behind, version, kept(version));
      assert.deepEqual(await subscriber.subscribe([{ filter: "edge/new", qos: 1 }]), [1]);
      await subscriber.unsubscribe("edge/gone");
      await behind.again();
      const publisher = await client(behind, version, "publisher");
      for (const name of ["gone", "stays", "new"]) {
        await publisher.publish(`edge/${name}`, "hello", { qos: 1 });
      }
      // The broker may hear of the new subscription after the first messages.
      const by = Date.now() + PATIENCE;
      while (shown(subscriber).length < 2 && Date.now() < by) {
        await publisher.publish("edge/new", "hello", { qos: 1 });
        await sleep(50);
      }
      const seen = new Set(shown(subscriber));
      assert.deepEqual([...seen].sort(), ["edge/new hello", "edge/stays hello"]);
      await subscriber.disconnect();
      await publisher.disconnect();
    });

    test(`MQTT ${version}, lazy: a broker is connected to when it is needed`, async () => {
      const behind = await start({ connect: "lazy" });
      const publisher = await client(behind, version, "publisher");
      await publisher.publish("other", "x", { qos: 1 });
      assert.deepEqual(used(behind), ["m1"]);
      const subscriber = await client(behind, version, "subscriber");
      assert.deepEqual(await subscriber.subscribe([{ filter: "#", qos: 2 }]), [2]);
      for (const qos of [0, 1, 2] as const) {
        const fresh = await client(behind, version, `publisher ${qos}`);
        await fresh.publish("edge/a", `${qos}`, { qos });
        await fresh.publish("edge/a", `${qos} again`, { qos });
        await fresh.disconnect();
        await subscriber.until(() => subscriber.messages.length === 2 * (qos + 1), "its messages");
      }
      assert.deepEqual(
        shown(subscriber),
        ["0", "0 again", "1", "1 again", "2", "2 again"].map((text) => `edge/a ${text}`),
      );
      const willed = new TestClient(behind.port, version);
      const payload = Buffer.from("lost");
      const will = { qos: 1 as const, retain: false, properties: [], topic: "edge/will", payload };
      await willed.connect({ clientId: "willed", will });
      await willed.drop();
      await subscriber.until(() => subscriber.messages.length === 7, "the will");
      await subscriber.disconnect();
      await publisher.disconnect();
    });

    test(`MQTT ${version}, lazy: a broker that is not there is nobody's business until it is needed`, async () => {
      const behind = await start({ connect: "lazy" });
      await behind.lose();
      const first = await client(behind, version, "first");
      await first.publish("other", "x", { qos: 1 });
      first.send({
        ...{ type: "publish", dup: false, qos: 1, retain: false, topic: "edge/a" },
        ...{ packetId: 7, properties: [], payload: Buffer.from("x") },
      });
      await first.closed();
      const bye = first.packets.at(-1);
      if (version === 5) assert.deepEqual([bye?.type, reasonOf(bye)], ["disconnect", 0x8b]);
    });

    for (const onLoss of ["close", "isolate"] as const) {
      test(`MQTT ${version}, lazy, ${onLoss}: clients come while the first broker is not there`, async () => {
        const behind = await start({ connect: "lazy", onLoss });
        const [first] = behind.brokers;
        await first?.stop();
        const subscriber = await client(behind, version, "subscriber");
        await subscriber.subscribe([{ filter: "edge/#", qos: 1 }]);
        const publisher = await client(behind, version, "publisher");
        await publisher.publish("edge/a", "x", { qos: 2 });
        await subscriber.until(() => subscriber.messages.length === 1, "the message");
        const willed = new TestClient(behind.port, version);
        const payload = Buffer.from("lost");
        const will = { qos: 1 as const, retain: false, properties: [], topic: "other", payload };
        const connack = await willed.connect({ clientId: "willed", will });
        const refused = version === 5 ? 0x88 : 3;
        assert.equal(connack.reason, onLoss === "close" ? refused : 0, "with a will for that one");
        await first?.restart();
        if (onLoss === "isolate") {
          // Its CONNECT, with the will, goes to the broker as soon as that is there.
          const other = await client(behind, version, "other");
          await other.subscribe([{ filter: "other", qos: 1 }]);
          await willed.publish("other", "now", { qos: 1 });
          await willed.drop();
          await other.until(() => other.messages.length === 2, "the will");
          assert.deepEqual(shown(other), ["other now", "other lost"]);
          await other.disconnect();
        } else {
          // The router may wait half a second before it tries that broker again.
          const by = Date.now() + PATIENCE;
          for (let came = false; !came; ) {
            assert.ok(Date.now() < by, "the first broker takes a message");
            const late = await client(behind, version, "late");
            const heard = late.publish("other", "x", { qos: 1 });
            came = await heard.then(
              (code) => code < 0x80,
              () => false,
            );
            await late.drop();
            if (!came) await sleep(50);
          }
        }
        await subscriber.disconnect();
        await publisher.disconnect();
      });
    }

    test(`MQTT ${version}, lazy: a broker that refuses the client is not passed over`, async () => {
      const behind = await startBehind(routes, [{ lines: ["allow_anonymous false"] }, {}], {
        connect: "lazy",
      });
      ends.push(() => behind.end());
      const stranger = new TestClient(behind.port, version);
      const { reason } = await stranger.connect({ clientId: "stranger" });
      assert.equal(reason, version === 5 ? 0x87 : 5);
    });

    test(`MQTT ${version}, lazy: a kept session is opened where it has a part, and clean where it has none`, async () => {
      const behind = await start({ connect: "lazy" });
      const [, second] = behind.brokers;
      assert.ok(second !== undefined, "a second broker");
      // A session of the same client that the router knows nothing of.
      const stale = new TestClient(second.port, version);
      await stale.connect(kept(version));
      await stale.subscribe([{ filter: "edge/stale", qos: 1 }]);
      await stale.disconnect();
      const first = new TestClient(behind.port, version);
      const anew = version === 5 ? { ...kept(5), cleanStart: true } : kept(4);
      await first.connect(anew);
      await first.subscribe([{ filter: "edge/mine", qos: 1 }]);
      await first.disconnect();
      const publisher = await client(behind, version, "publisher");
      for (const name of ["stale", "mine"]) {
        await publisher.publish(`edge/${name}`, "x", { qos: 1 });
      }
      const again = new TestClient(behind.port, version);
      const connack = await again.connect(kept(version));
      assert.deepEqual([connack.reason, connack.sessionPresent], [0, true]);
      await again.until(() => again.messages.length > 0, "what waited at the second broker");
      await again.subscribe([{ filter: "edge/mark" }]);
      assert.deepEqual(shown(again), ["edge/mine x"]);
      await again.disconnect();
      await publisher.disconnect();
    });
  }
});

function reasonOf(packet: TestClient["packets"][number] | undefined): number | null {
  return packet?.type === "disconnect" ? packet.reason : null;
}
