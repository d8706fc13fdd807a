/** One session over two real brokers: what a client of one broker would see. */
import assert from "node:assert/strict";
import { pbkdf2Sync } from "node:crypto";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { numberOf, propertyId, reason, type Version } from "@echarde/codec-mqtt";
import { skipWithout } from "@echarde/testkit/servers";
import { type Behind, startBehind } from "./brokers.ts";
import { Memory, TestClient } from "./client.ts";

const skip = skipWithout("mosquitto");
const routes = [
  { prefix: "edge", cluster: "m2" },
  { filter: "site/+/alert/#", cluster: "m2" },
];
const versions: readonly Version[] = [4, 5];
const never = [{ id: propertyId.sessionExpiry, value: 0xffffffff }] as const;
const kept = (version: Version) => ({
  cleanStart: false,
  properties: version === 5 ? never : [],
});

describe("a session over two brokers", { skip }, () => {
  let behind: Behind;
  let count = 0;
  before(async () => {
    behind = await startBehind(routes, [
      { lines: ["max_keepalive 600", "max_packet_size 100000"] },
      {},
    ]);
  });
  after(() => behind.end());

  const open = async (
    version: Version,
    more: Parameters<TestClient["connect"]>[0] | null = null,
    memory?: Memory,
  ): Promise<TestClient> => {
    const client = new TestClient(behind.port, version, memory);
    count += 1;
    const connack = await client.connect(more ?? { clientId: `c${count}` });
    assert.equal(connack.reason, 0, "accepted");
    return client;
  };
  const payloads = (client: TestClient): string[] =>
    client.messages.map(({ topic, payload }) => `${topic} ${Buffer.from(payload)}`).sort();
  const received = (client: TestClient, messages: number): Promise<void> =>
    client.until(() => client.messages.length >= messages, `${messages} messages`);

  for (const version of versions) {
    test(`MQTT ${version}: every QoS both ways, one subscription over both`, async () => {
      const subscriber = await open(version);
      const publisher = await open(version);
      assert.deepEqual(await subscriber.subscribe([{ filter: "#", qos: 2 }]), [2]);
      const expected: string[] = [];
      for (const qos of [0, 1, 2] as const) {
        for (const topic of ["edge/1", "cloud/1", "site/3/alert/x", "site/3/temp"]) {
          await publisher.publish(topic, `q${qos}`, { qos });
          expected.push(`${topic} q${qos}`);
        }
      }
      await received(subscriber, expected.length);
      assert.deepEqual(payloads(subscriber), expected.sort());
      const ids = subscriber.messages.filter(({ qos }) => qos > 0).map(({ packetId }) => packetId);
      assert.equal(new Set(ids).size, ids.length, "ids of two brokers do not collide");
      assert.deepEqual(await subscriber.unsubscribe("#"), version === 5 ? [0] : []);
      await publisher.disconnect();
      await subscriber.disconnect();
    });

    test(`MQTT ${version}: a kept session gets what came meanwhile, once`, async () => {
      const memory = new Memory();
      const clientId = `kept${version}`;
      const first = await open(version, { clientId, ...kept(version) }, memory);
      await first.subscribe([
        { filter: "edge/#", qos: 2 },
        { filter: "cloud/#", qos: 1 },
      ]);
      await first.drop();
      const publisher = await open(version);
      for (const topic of ["edge/a", "cloud/a"]) {
        for (const qos of [1, 2] as const) await publisher.publish(topic, `${qos}`, { qos });
      }
      const second = new TestClient(behind.port, version, memory);
      const connack = await second.connect({ clientId, ...kept(version) });
      assert.equal(connack.sessionPresent, true);
      await received(second, 4);
      assert.deepEqual(payloads(second), ["cloud/a 1", "cloud/a 2", "edge/a 1", "edge/a 2"]);
      await publisher.disconnect();
      await second.disconnect();
    });

    test(`MQTT ${version}: QoS 2 goes on under the same ids after a reconnect`, async () => {
      const memory = new Memory();
      const clientId = `two${version}`;
      const first = await open(version, { clientId, ...kept(version) }, memory);
      await first.subscribe([{ filter: "#", qos: 2 }]);
      first.acknowledges = false;
      const publisher = await open(version);
      for (const topic of ["edge/b", "cloud/b"]) {
        for (const n of [1, 2, 3]) await publisher.publish(topic, String(n), { qos: 2 });
      }
      await received(first, 6);
      // One of each broker is acknowledged half, the others not at all.
      for (const topic of ["edge/b", "cloud/b"]) {
        const message = first.messages.find((each) => each.topic === topic);
        const packetId = message?.packetId ?? 0;
        first.send({ type: "pubrec", packetId, reason: null, properties: null });
        await first.until(() => !memory.unreleased.has(packetId), "PUBREL");
        memory.unreleased.add(packetId);
      }
      await first.drop();
      const second = new TestClient(behind.port, version, memory);
      assert.equal((await second.connect({ clientId, ...kept(version) })).sessionPresent, true);
      await second.until(() => memory.unreleased.size === 0, "the end of all exchanges");
      assert.deepEqual(payloads(second), [], "nothing comes twice");
      await publisher.publish("edge/b", "last", { qos: 2 });
      await received(second, 1);
      await publisher.disconnect();
      await second.disconnect();
    });

    test(`MQTT ${version}: the will comes once, from the owner of its topic`, async () => {
      const watcher = await open(version);
      await watcher.subscribe([{ filter: "#", qos: 1 }]);
      for (const topic of ["edge/will", "cloud/will"]) {
        const will = { qos: 1, retain: false, properties: [], topic, payload: Buffer.from("gone") };
        const doomed = await open(version, { clientId: `w${version}${topic}`, will } as never);
        await doomed.drop();
      }
      await received(watcher, 2);
      const polite = await open(version, {
        clientId: `polite${version}`,
        will: { qos: 1, retain: false, properties: [], topic: "edge/will", payload: Buffer.of(1) },
      });
      await polite.disconnect();
      await watcher.publish("edge/mark", "end", { qos: 1 });
      await watcher.publish("cloud/mark", "end", { qos: 1 });
      await received(watcher, 4);
      const expected = ["cloud/mark end", "cloud/will gone", "edge/mark end", "edge/will gone"];
      assert.deepEqual(payloads(watcher), expected);
      await watcher.disconnect();
    });

    test(`MQTT ${version}: retained messages come from every owner once`, async () => {
      const publisher = await open(version);
      await publisher.publish("edge/r", "1", { qos: 1, retain: true });
      await publisher.publish("cloud/r", "2", { qos: 1, retain: true });
      const subscriber = await open(version);
      await subscriber.subscribe([{ filter: "+/r" }]);
      await received(subscriber, 2);
      assert.deepEqual(payloads(subscriber), ["cloud/r 2", "edge/r 1"]);
      assert.ok(
        subscriber.messages.every(({ retain }) => retain),
        "with the retain flag",
      );
      for (const topic of ["edge/r", "cloud/r"])
        await publisher.publish(topic, "", { qos: 1, retain: true });
      await publisher.disconnect();
      await subscriber.disconnect();
    });

    test(`MQTT ${version}: a shared subscription gives each message to one member`, async () => {
      const members = [await open(version), await open(version)];
      for (const member of members) await member.subscribe([{ filter: "$share/g/#", qos: 1 }]);
      const publisher = await open(version);
      const expected: string[] = [];
      for (let i = 0; i < 20; i++) {
        const topic = i % 2 === 0 ? "edge/s" : "cloud/s";
        await publisher.publish(topic, String(i), { qos: 1 });
        expected.push(`${topic} ${i}`);
      }
      const [a, b] = members as [TestClient, TestClient];
      const all = (): string[] =>
        [...payloads(a), ...payloads(b)].filter((each) => !each.startsWith("none")).sort();
      const by = Date.now() + 10_000;
      while (all().length < 20 && Date.now() < by) await publisher.publish("none", "", { qos: 1 });
      assert.deepEqual(all(), expected.sort());
      for (const each of [...members, publisher]) await each.disconnect();
    });

    test(`MQTT ${version}: the same client id a second time ends the first connection`, async () => {
      const first = await open(version, { clientId: `twice${version}` });
      const second = await open(version, { clientId: `twice${version}` });
      await first.closed();
      const [bye] = first.packets.filter(({ type }) => type === "disconnect");
      const code = bye?.type === "disconnect" ? bye.reason : null;
      assert.equal(code, version === 5 ? reason.sessionTakenOver : null);
      await second.subscribe([{ filter: "edge/#" }]);
      await second.publish("edge/still", "here");
      await received(second, 1);
      await second.disconnect();
    });
  }

  for (const version of versions) {
    test(`MQTT ${version}: who does not know the password ends nobody's connection`, async () => {
      const dir = await mkdtemp(join(tmpdir(), "echarde-mqtt-passwords-"));
      const salt = Buffer.from("twelve bytes");
      const hash = pbkdf2Sync("right", salt, 101, 64, "sha512").toString("base64");
      const file = join(dir, "passwords");
      await writeFile(file, `ann:$7$101$${salt.toString("base64")}$${hash}\n`);
      await chmod(dir, 0o755);
      const lines = ["allow_anonymous false", `password_file ${file}`];
      const guarded = await startBehind(routes, [{ lines }, { lines }]);
      try {
        const enter = async (password: string): Promise<[TestClient, number]> => {
          const client = new TestClient(guarded.port, version);
          const who = { clientId: "one", userName: "ann", password: Buffer.from(password) };
          return [client, (await client.connect(who)).reason];
        };
        const [first, code] = await enter("right");
        assert.equal(code, 0);
        await first.subscribe([{ filter: "#" }]);
        const [stranger, refused] = await enter("wrong");
        assert.notEqual(refused, 0);
        await stranger.closed();
        await first.publish("edge/still", "here", { qos: 1 });
        await received(first, 1);
        const [second, again] = await enter("right");
        assert.equal(again, 0);
        await first.closed();
        await second.disconnect();
      } finally {
        await guarded.end();
        await rm(dir, { recursive: true });
      }
    });
  }

  for (const version of versions) {
    test(`MQTT ${version}: a session that one broker alone has kept begins anew`, async () => {
      const clientId = `mixed${version}`;
      const direct = new TestClient(behind.brokers[0]?.port as number, version);
      assert.equal((await direct.connect({ clientId, ...kept(version) })).reason, 0);
      await direct.subscribe([{ filter: "cloud/old", qos: 1 }]);
      await direct.disconnect();
      const client = new TestClient(behind.port, version);
      const connack = await client.connect({ clientId, ...kept(version) });
      assert.deepEqual([connack.reason, connack.sessionPresent], [0, false]);
      await client.publish("cloud/old", "nobody wants it", { qos: 1 });
      await client.subscribe([{ filter: "#", qos: 1 }]);
      for (const topic of ["cloud/new", "edge/new"]) await client.publish(topic, "x", { qos: 1 });
      await received(client, 2);
      assert.deepEqual(payloads(client), ["cloud/new x", "edge/new x"]);
      await client.disconnect();
      const again = new TestClient(behind.port, version);
      assert.equal((await again.connect({ clientId, ...kept(version) })).sessionPresent, true);
      await again.disconnect();
    });
  }

  test("CONNACK tells the least of both brokers", async () => {
    const client = new TestClient(behind.port, 5);
    const connack = await client.connect({ clientId: "", keepAlive: 1_000 });
    assert.equal(numberOf(connack.properties, propertyId.serverKeepAlive, 0), 600);
    assert.equal(numberOf(connack.properties, propertyId.maximumPacketSize, 0), 100_000);
    const id = connack.properties.find((each) => each.id === propertyId.assignedClientIdentifier);
    assert.match(String(id?.id === 18 ? id.value : ""), /^etest[a-z0-9]+$/);
    await client.disconnect();
  });

  test("topic aliases end at the router", async () => {
    const subscriber = await open(5);
    await subscriber.subscribe([{ filter: "+/alias", qos: 1 }]);
    const publisher = await open(5);
    const alias = [{ id: propertyId.topicAlias, value: 3 }] as const;
    await publisher.publish("edge/alias", "1", { qos: 1, properties: alias });
    await publisher.publish("", "2", { qos: 1, properties: alias });
    await publisher.publish("cloud/alias", "3", { qos: 1, properties: alias });
    await publisher.publish("", "4", { qos: 1, properties: alias });
    await received(subscriber, 4);
    const expected = ["cloud/alias 3", "cloud/alias 4", "edge/alias 1", "edge/alias 2"];
    assert.deepEqual(payloads(subscriber), expected);
    await publisher.disconnect();
    await subscriber.disconnect();
  });

  test("Receive Maximum of the client is kept over both brokers", async () => {
    const subscriber = await open(5, {
      clientId: "narrow",
      properties: [{ id: propertyId.receiveMaximum, value: 2 }],
    });
    await subscriber.subscribe([{ filter: "#", qos: 1 }]);
    subscriber.acknowledges = false;
    const publisher = await open(5);
    for (let i = 0; i < 4; i++) {
      await publisher.publish("edge/n", String(i), { qos: 1 });
      await publisher.publish("cloud/n", String(i), { qos: 1 });
    }
    for (let i = 0; i < 8; i++) {
      await received(subscriber, Math.min(8, i + 1));
      assert.ok(subscriber.messages.length <= i + 2, "no more than two in flight");
      const packetId = subscriber.messages[i]?.packetId ?? 0;
      subscriber.send({ type: "puback", packetId, reason: null, properties: null });
    }
    await publisher.disconnect();
    await subscriber.disconnect();
  });

  test("a client that is silent too long is ended, and its will comes", async () => {
    const watcher = await open(5);
    await watcher.subscribe([{ filter: "edge/silent", qos: 1 }]);
    const will = { qos: 1, retain: false, properties: [], topic: "edge/silent" } as const;
    const silent = await open(5, {
      clientId: "silent",
      keepAlive: 1,
      will: { ...will, payload: Buffer.from("dead") },
    });
    assert.equal((await silent.next("disconnect")).reason, reason.keepAliveTimeout);
    await received(watcher, 1);
    await watcher.disconnect();
  });
});
