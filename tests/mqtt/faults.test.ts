/** Hostile clients, and brokers that are not there. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { encodePacket, reason } from "@echarde/codec-mqtt";
import { skipWithout } from "@echarde/testkit/servers";
import { type Behind, startBehind } from "./brokers.ts";
import { TestClient } from "./client.ts";
import { Dice } from "./dice.ts";

const routes = [{ prefix: "edge", cluster: "m2" }];
const hex = (text: string): Uint8Array => Buffer.from(text.replaceAll(" ", ""), "hex");

describe("hostile bytes", { skip: skipWithout("mosquitto") }, () => {
  let behind: Behind;
  before(async () => {
    behind = await startBehind(routes, [{}, {}]);
  });
  after(() => behind.end());

  const beforeConnect: [string, string][] = [
    ["a packet before CONNECT", "c000"],
    ["no MQTT", "47455420 2f20"],
    ["packet type 0", "0000"],
    ["a length of five bytes", "10 ffffffff 01"],
  ];
  for (const [name, bytes] of beforeConnect) {
    test(`${name}: closed without a word`, async () => {
      const client = new TestClient(behind.port, 4);
      client.raw(hex(bytes));
      await client.closed();
      assert.deepEqual(client.packets, []);
    });
  }

  test("an unknown version hears so in the words of 3.1.1", async () => {
    const client = new TestClient(behind.port, 4);
    client.raw(hex("10 0d 0004 4d515454 07 02 003c 0001 61"));
    assert.equal((await client.next("connack")).reason, 1);
    await client.closed();
  });

  const connected: [string, string, number][] = [
    ["a second CONNECT", "10 0e 0004 4d515454 05 02 003c 00 0001 61", reason.protocolError],
    ["QoS 3", "36 05 0001 61 0001", reason.malformedPacket],
    ["packet id 0", "32 06 0001 61 0000 00", reason.protocolError],
    ["a topic with a wildcard", "30 04 0001 23 00", reason.malformedPacket],
    ["a topic alias that is too high", "30 07 0001 61 03 23 00ff", reason.topicAliasInvalid],
    ["an unknown topic alias", "30 06 0000 03 23 0001", reason.protocolError],
    ["AUTH out of the blue", "f0 0b 18 09 15 0006 534352414d31", reason.protocolError],
    ["a SUBSCRIBE without filters", "82 03 0001 00", reason.protocolError],
    ["a server's packet", "90 04 0001 00 00", reason.protocolError],
  ];
  for (const [name, bytes, code] of connected) {
    test(`${name}: DISCONNECT 0x${code.toString(16)}`, async () => {
      const client = new TestClient(behind.port, 5);
      await client.connect({ clientId: "hostile" });
      client.raw(hex(bytes));
      assert.equal((await client.next("disconnect")).reason, code);
      await client.closed();
    });
  }

  test("random changes of good bytes end in a close or an answer, never in silence of the others", async () => {
    const dice = new Dice(7);
    const good = new TestClient(behind.port, 5);
    await good.connect({ clientId: "good" });
    const packets = [
      encodePacket(
        {
          type: "publish",
          dup: false,
          qos: 1,
          retain: false,
          topic: "edge/x",
          packetId: 9,
          properties: [],
          payload: Buffer.from("payload"),
        },
        5,
      ),
      encodePacket(
        { type: "unsubscribe", packetId: 7, properties: [], filters: ["a/#", "+/b"] },
        5,
      ),
      encodePacket({ type: "pubrel", packetId: 3, reason: 0, properties: null }, 5),
    ];
    for (let i = 0; i < 60; i++) {
      const client = new TestClient(behind.port, 5);
      await client.connect({ clientId: `bad${i}` });
      const bytes = Buffer.from(dice.pick(packets));
      bytes[dice.below(bytes.length)] = dice.below(256);
      client.raw(bytes);
      await client.drop();
    }
    assert.ok((await good.publish("edge/y", "still here", { qos: 2 })) < 0x80, "others go on");
    await good.disconnect();
  });
});

describe("brokers that are not there", { skip: skipWithout("mosquitto") }, () => {
  test("CONNECT is refused when one is down, and accepted once it is back", async () => {
    const behind = await startBehind(routes, [{}, {}]);
    try {
      const [, second] = behind.brokers;
      await second?.kill();
      for (const version of [4, 5] as const) {
        const client = new TestClient(behind.port, version);
        const { reason: code } = await client.connect({ clientId: "early" });
        assert.equal(code, version === 4 ? 3 : reason.serverUnavailable);
        await client.closed();
      }
      await second?.restart();
      for (let code = -1; code !== 0; ) {
        const client = new TestClient(behind.port, 5);
        code = (await client.connect({ clientId: "early" })).reason;
        if (code !== 0) assert.equal(code, reason.serverUnavailable);
        await client.drop();
      }
    } finally {
      await behind.end();
    }
  });

  test("a client hears that a broker is lost, and is closed", async () => {
    const behind = await startBehind(routes, [{}, {}]);
    try {
      const client = new TestClient(behind.port, 5);
      await client.connect({ clientId: "c" });
      await behind.brokers[1]?.kill();
      assert.equal((await client.next("disconnect")).reason, reason.serverShuttingDown);
      await client.closed();
    } finally {
      await behind.end();
    }
  });

  test("a refusal of one broker is the answer, and the other hears no will", async () => {
    const behind = await startBehind(routes, [{}, { lines: ["allow_anonymous false"] }]);
    try {
      const client = new TestClient(behind.port, 5);
      const will = { qos: 1, retain: true, properties: [], topic: "cloud/will" } as const;
      const connack = await client.connect({
        clientId: "c",
        will: { ...will, payload: Buffer.from("x") },
      });
      assert.equal(connack.reason, reason.notAuthorized);
      await client.closed();
      const direct = new TestClient(behind.brokers[0]?.port ?? 0, 5);
      await direct.connect({ clientId: "direct" });
      await direct.subscribe([{ filter: "#", qos: 1 }]);
      await direct.publish("mark", "end", { qos: 1 });
      await direct.until(() => direct.messages.length > 0, "the mark");
      assert.deepEqual(
        direct.messages.map(({ topic }) => topic),
        ["mark"],
      );
      await direct.disconnect();
    } finally {
      await behind.end();
    }
  });
});
