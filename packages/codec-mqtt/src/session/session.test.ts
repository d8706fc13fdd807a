/** One session over three brokers that the test plays. Real brokers are in tests/mqtt. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { answerOf, type End, Wired } from "../../test/wired.ts";
import { encodePacket } from "../wire/encode.ts";
import type { Acknowledgement, Packet, Publish } from "../wire/packets.ts";
import { propertyId } from "../wire/properties.ts";

const routes = [
  { prefix: "b", cluster: "b" },
  { filter: "+/c/#", cluster: "c" },
];
const nothing = new Uint8Array(0);

function publish(topic: string, more: Partial<Publish> = {}): Publish {
  return {
    ...{ type: "publish", dup: false, qos: 1, retain: false, packetId: 1, properties: [] },
    ...{ topic, payload: nothing },
    ...more,
  };
}

function ack(
  type: Acknowledgement["type"],
  packetId: number,
  reason: number | null = null,
): Acknowledgement {
  return { type, packetId, reason, properties: reason === null ? null : [] };
}

function subscribe(packetId: number, ...filters: readonly string[]): Packet {
  const each = { qos: 1, noLocal: false, retainAsPublished: false, retainHandling: 0 } as const;
  const subscriptions = filters.map((filter) => ({ filter, ...each }));
  return { type: "subscribe", packetId, properties: [], subscriptions };
}

/** Takes all packets that have come. */
function taken(end: End): readonly Packet[] {
  return end.packets.splice(0);
}

function types(end: End): readonly string[] {
  return taken(end).map(({ type }) => type);
}

/** A client whose CONNACK has come, and links that have shown their CONNECT. */
function connected(wired: Wired, ...more: Parameters<Wired["connect"]>): End {
  const client = wired.connect(...more);
  assert.deepEqual(types(client), ["connack"], "the client is accepted");
  for (const broker of wired.brokers) taken(wired.link(broker));
  return client;
}

describe("a session over several brokers", () => {
  test("CONNECT goes to all, the will to the owner of its topic alone", () => {
    const wired = new Wired(routes);
    const will = { qos: 1, retain: false, properties: [], topic: "b/w", payload: nothing } as const;
    wired.connect("x", { will });
    const heard = wired.brokers.map((name) => {
      const [packet] = taken(wired.link(name));
      return [name, packet?.type === "connect" && packet.will !== null];
    });
    assert.deepEqual(heard, [
      ["a", false],
      ["b", true],
      ["c", false],
    ]);
  });

  test("a host's chunk is left as it was, whatever its slice does", () => {
    const wired = new Wired(routes);
    const client = connected(wired, "x");
    const cut: number[][] = [];
    for (const [peer, packet] of [
      [wired.link("a").peer, publish("t", { packetId: 7 })],
      [client.peer, ack("puback", 1)],
    ] as const) {
      const chunk = Buffer.from(encodePacket(packet, 5)); // whose slice is a view
      const before = [...chunk];
      for (const { write } of wired.router.bytes(peer, chunk, wired.now)) {
        cut.push([...Buffer.concat(write)]);
      }
      assert.deepEqual([...chunk], before);
    }
    const expected = [publish("t", { packetId: 1 }), ack("puback", 7)];
    assert.deepEqual(
      cut,
      expected.map((packet) => [...encodePacket(packet, 5)]),
    );
  });

  test("CONNACK waits for all, and one refusal is everybody's", () => {
    const wired = new Wired(routes);
    wired.answer = (broker, packet) =>
      broker === "c" && packet.type === "connect"
        ? [{ type: "connack", sessionPresent: false, reason: 0x87, properties: [] }]
        : null;
    const client = wired.connect("x");
    const [connack] = taken(client);
    assert.equal(connack?.type === "connack" && connack.reason, 0x87);
    assert.ok(client.ended, "the client is refused");
  });

  test("a refusal counts whoever answers first: the broker that refuses closes its link at once", () => {
    for (const refusing of ["a", "b", "c"]) {
      const wired = new Wired(routes);
      wired.answer = (broker, packet) =>
        broker === refusing && packet.type === "connect"
          ? [{ type: "connack", sessionPresent: false, reason: 0x86, properties: [] }]
          : null;
      const [connack] = taken(wired.connect("x"));
      assert.equal(connack?.type === "connack" && connack.reason, 0x86, refusing);
    }
  });

  test("the least of what brokers grant is granted", () => {
    const wired = new Wired(routes);
    const grants: Readonly<Record<string, number>> = { a: 30, b: 10, c: 20 };
    wired.answer = (broker, packet) => {
      if (packet.type !== "connect") return null;
      const value = grants[broker] ?? 0;
      const properties = [{ id: propertyId.receiveMaximum, value }] as const;
      return [{ type: "connack", sessionPresent: false, reason: 0, properties }];
    };
    const [connack] = taken(wired.connect("x"));
    assert.ok(connack?.type === "connack", "CONNACK came");
    const found = connack.properties.find(({ id }) => id === propertyId.receiveMaximum);
    assert.deepEqual(found, { id: propertyId.receiveMaximum, value: 10 });
  });

  test("a message goes to the owner of its topic, its acknowledgement comes from there", () => {
    const wired = new Wired(routes);
    const client = connected(wired, "x");
    wired.send(client, publish("b/1", { packetId: 7 }), publish("q/c", { packetId: 8, qos: 2 }));
    assert.deepEqual([types(wired.link("a")), types(wired.link("b"))], [[], ["publish"]]);
    wired.send(wired.link("a"), ack("puback", 7));
    assert.deepEqual(taken(client), [], "another broker's word does not count");
    wired.send(wired.link("b"), ack("puback", 7));
    assert.deepEqual(types(client), ["puback"]);
    wired.send(wired.link("c"), ack("pubrec", 8));
    wired.send(client, ack("pubrel", 8));
    assert.deepEqual(types(wired.link("c")), ["publish", "pubrel"]);
    assert.deepEqual(types(wired.link("b")), [], "PUBREL is for the owner alone");
    wired.send(wired.link("c"), ack("pubcomp", 8));
    assert.deepEqual(types(client), ["pubrec", "pubcomp"]);
  });

  test("messages of two brokers under one id have different ids at the client", () => {
    const wired = new Wired(routes);
    const client = connected(wired, "x");
    const [b, c] = [wired.link("b"), wired.link("c")];
    wired.send(b, publish("b/1", { packetId: 5 }));
    wired.send(c, publish("q/c", { packetId: 5, qos: 2 }));
    const [first, second] = taken(client) as [Publish, Publish];
    assert.notEqual(first.packetId, second.packetId);
    wired.send(client, ack("pubrec", second.packetId));
    assert.deepEqual(taken(b), [], "b hears nothing of c's message");
    assert.deepEqual(taken(c), [ack("pubrec", 5)]);
    wired.send(client, ack("puback", first.packetId));
    assert.deepEqual(taken(b), [ack("puback", 5)]);
    wired.send(c, ack("pubrel", 5));
    assert.deepEqual(taken(client), [ack("pubrel", second.packetId)]);
    wired.send(client, ack("pubcomp", second.packetId));
    assert.deepEqual(taken(c), [ack("pubcomp", 5)]);
    // Both ids are free again, and mean new messages.
    wired.send(client, ack("puback", first.packetId));
    assert.deepEqual([taken(b), taken(c)], [[], []]);
  });

  test("the Receive Maximum holds over all brokers together", () => {
    const wired = new Wired(routes);
    const properties = [{ id: propertyId.receiveMaximum, value: 2 }] as const;
    const client = connected(wired, "x", { properties });
    const [a, b] = [wired.link("a"), wired.link("b")];
    for (const packetId of [1, 2]) {
      wired.send(a, publish("q", { packetId }));
      wired.send(b, publish("b", { packetId }));
    }
    const sent = taken(client) as readonly Publish[];
    assert.deepEqual(
      sent.map(({ topic }) => topic),
      ["q", "b"],
    );
    wired.send(client, ack("puback", sent[0]?.packetId ?? 0));
    const more = taken(client) as readonly Publish[];
    assert.deepEqual(
      more.map(({ topic }) => topic),
      ["q"],
      "one more, in the order they came",
    );
  });

  test("a message that expires while it waits is dropped, and its broker hears that it is done", () => {
    const wired = new Wired(routes);
    const properties = [{ id: propertyId.receiveMaximum, value: 1 }] as const;
    const client = connected(wired, "x", { properties });
    const [a, b] = [wired.link("a"), wired.link("b")];
    const expiring = (value: number): Partial<Publish> => ({
      properties: [{ id: propertyId.messageExpiry, value }],
    });
    wired.send(a, publish("q", { packetId: 1, ...expiring(7) }));
    wired.send(b, publish("b/1", { packetId: 1, ...expiring(2) }));
    const [first] = taken(client) as [Publish];
    assert.deepEqual(first.properties, [{ id: propertyId.messageExpiry, value: 7 }]);
    wired.tick(3_000);
    wired.send(client, ack("puback", first.packetId));
    assert.deepEqual(taken(client), [], "b/1 is too old");
    assert.deepEqual([types(a), types(b)], [["puback"], ["puback"]]);
    wired.send(a, publish("q", { packetId: 2, qos: 2, ...expiring(7) }));
    wired.send(b, publish("b/2", { packetId: 2, qos: 2, ...expiring(70) }));
    wired.send(b, publish("b/3", { packetId: 3, qos: 2, ...expiring(1) }));
    const [second] = taken(client) as [Publish];
    wired.tick(5_500);
    wired.send(client, ack("pubrec", second.packetId), ack("pubcomp", second.packetId));
    const [third] = taken(client) as [Publish];
    assert.deepEqual(third.properties, [{ id: propertyId.messageExpiry, value: 65 }]);
    wired.send(client, ack("pubrec", third.packetId), ack("pubcomp", third.packetId));
    const heard = taken(b) as readonly Acknowledgement[];
    assert.deepEqual(
      heard.map(({ type, packetId }) => `${type} ${packetId}`),
      ["pubrec 3", "pubrec 2", "pubcomp 2"],
      "what has expired does not wait for its turn",
    );
    wired.send(b, ack("pubrel", 3));
    assert.deepEqual([types(client), types(b)], [[], ["pubcomp"]]);
  });

  test("what comes before CONNACK has waited since then", () => {
    const wired = new Wired(routes);
    wired.answer = (broker, packet) =>
      broker === "c" && packet.type === "connect" ? [] : answerOf(packet);
    const client = wired.connect("x");
    const b = wired.link("b");
    const expiring = (qos: 0 | 1, value: number): Publish =>
      publish(`b/${qos}/${value}`, {
        ...{ qos, packetId: qos * value },
        properties: [{ id: propertyId.messageExpiry, value }],
      });
    wired.send(b, expiring(0, 1), expiring(1, 1), expiring(0, 60), expiring(1, 60));
    wired.tick(2_500);
    const properties: readonly never[] = [];
    wired.send(wired.link("c"), { type: "connack", sessionPresent: false, reason: 0, properties });
    const [, ...messages] = taken(client) as [Packet, ...Publish[]];
    assert.deepEqual(
      messages.map(({ topic, properties: [each] }) => [
        topic,
        each !== undefined && "value" in each && each.value,
      ]),
      [
        ["b/0/60", 58],
        ["b/1/60", 58],
      ],
    );
    assert.deepEqual(types(b), ["connect", "puback"], "of the one that came too late");
  });

  test("a message that its broker does not own is acknowledged in the client's place", () => {
    const wired = new Wired(routes);
    const client = connected(wired, "x");
    const a = wired.link("a");
    wired.send(a, publish("b/1", { packetId: 3 }), publish("b/1", { packetId: 4, qos: 2 }));
    assert.deepEqual(taken(client), []);
    assert.deepEqual(
      taken(a).map(({ type }) => type),
      ["puback", "pubrec"],
    );
  });

  test("a filter goes to the owners of what it matches, with one SUBACK of the lowest QoS", () => {
    const wired = new Wired(routes);
    wired.answer = (broker, packet) =>
      broker === "b" && packet.type === "subscribe"
        ? [{ ...suback, packetId: packet.packetId, reasons: packet.subscriptions.map(() => 0) }]
        : null;
    const client = connected(wired, "x");
    wired.send(client, subscribe(1, "b/#", "#", "q/c", "q/d"));
    const asked = ["a", "b", "c"].map((name) => {
      const [packet] = taken(wired.link(name));
      return packet?.type === "subscribe" && packet.subscriptions.map(({ filter }) => filter);
    });
    assert.deepEqual(asked, [
      ["#", "q/d"],
      ["b/#", "#"],
      ["#", "q/c"],
    ]);
    assert.deepEqual(taken(client), [{ ...suback, packetId: 1, reasons: [0, 0, 1, 1] }]);
  });

  test("what one broker refuses the others take back, before SUBACK", () => {
    const wired = new Wired(routes);
    wired.answer = (broker, packet) =>
      broker === "c" && packet.type === "subscribe"
        ? [{ ...suback, packetId: packet.packetId, reasons: packet.subscriptions.map(() => 0x87) }]
        : null;
    const client = connected(wired, "x");
    wired.send(client, subscribe(1, "#"));
    assert.deepEqual(types(wired.link("a")), ["subscribe", "unsubscribe"]);
    assert.deepEqual(types(wired.link("c")), ["subscribe"]);
    assert.deepEqual(taken(client), [{ ...suback, packetId: 1, reasons: [0x87] }]);
  });

  test("UNSUBSCRIBE goes where the filter went, and succeeds where one broker had it", () => {
    const wired = new Wired(routes);
    const client = connected(wired, "x");
    wired.send(client, subscribe(1, "+/c"));
    for (const name of wired.brokers) taken(wired.link(name));
    taken(client);
    wired.answer = (broker, packet) =>
      broker === "c" && packet.type === "unsubscribe"
        ? [{ type: "unsuback", packetId: packet.packetId, properties: [], reasons: [0x11] }]
        : null;
    wired.send(client, { type: "unsubscribe", packetId: 2, properties: [], filters: ["+/c"] });
    const asked = ["a", "b", "c"].map((name) => types(wired.link(name)).length);
    assert.deepEqual(asked, [0, 1, 1]);
    const unsuback = { type: "unsuback", packetId: 2, properties: [], reasons: [0] };
    assert.deepEqual(taken(client), [unsuback]);
  });

  test("a session is present only where all brokers have it", () => {
    const wired = new Wired(routes);
    const kept = {
      cleanStart: false,
      properties: [{ id: propertyId.sessionExpiry, value: 60 }],
    } as const;
    connected(wired, "x", kept);
    wired.answer = (_broker, packet) =>
      packet.type === "connect"
        ? [{ type: "connack", sessionPresent: true, reason: 0, properties: [] }]
        : null;
    const [connack] = taken(wired.connect("x", kept));
    assert.equal(connack?.type === "connack" && connack.sessionPresent, true);
    const stranger = new Wired(routes);
    const asked: string[] = [];
    stranger.answer = (broker, packet) => {
      if (packet.type !== "connect") return null;
      asked.push(`${broker} ${packet.cleanStart}`);
      const sessionPresent = broker === "b" && !packet.cleanStart;
      return [{ type: "connack", sessionPresent, reason: 0, properties: [] }];
    };
    const answer = taken(stranger.connect("y", kept))[0];
    assert.equal(answer?.type === "connack" && answer.sessionPresent, false);
    assert.ok(asked.includes("b true"), "the broker that had it begins anew");
  });

  test("the same client id again ends the older connection, and no broker's word is lost", () => {
    const wired = new Wired(routes);
    const older = connected(wired, "x");
    const younger = connected(wired, "x");
    wired.tick(0);
    const bye = taken(older).at(-1);
    assert.equal(bye?.type === "disconnect" && bye.reason, 0x8e);
    assert.ok(older.ended && !younger.ended, "the older one ends");
  });

  test("PINGREQ is the router's to answer; a silent broker is lost", () => {
    const wired = new Wired(routes);
    wired.answer = (broker, packet) =>
      broker === "b" && packet.type === "pingreq" ? [] : answerOf(packet);
    const client = connected(wired, "x");
    wired.send(client, { type: "pingreq" });
    assert.deepEqual(types(client), ["pingresp"]);
    for (let i = 0; i < 40 && !client.ended; i++) wired.tick(5_000);
    const bye = taken(client).at(-1);
    assert.equal(bye?.type === "disconnect" && bye.reason, 0x89);
  });

  test("DISCONNECT with will is for the will's owner, plain for the others", () => {
    const wired = new Wired(routes);
    const will = { qos: 1, retain: false, properties: [], topic: "b/w", payload: nothing } as const;
    const client = connected(wired, "x", { will });
    const links = ["a", "b", "c"].map((name) => wired.link(name));
    wired.send(client, { type: "disconnect", reason: 4, properties: null });
    const reasons = links.map((link) => {
      const [packet] = taken(link);
      return packet?.type === "disconnect" && (packet.reason ?? 0);
    });
    assert.deepEqual(reasons, [0, 4, 0]);
  });

  test("a topic alias stays with the router", () => {
    const wired = new Wired(routes);
    const client = connected(wired, "x");
    const properties = [{ id: propertyId.topicAlias, value: 2 }] as const;
    wired.send(client, publish("b/1", { properties, packetId: 1 }));
    wired.send(client, publish("", { properties, packetId: 2 }));
    const [one, two] = taken(wired.link("b")) as [Publish, Publish];
    assert.deepEqual([one.topic, two.topic], ["b/1", "b/1"]);
    assert.deepEqual([one.properties, two.properties], [[], []]);
  });

  test("words for a person do not make a packet longer than the client takes", () => {
    const wired = new Wired(routes);
    const words = [
      { id: propertyId.reasonString, value: "r".repeat(30) },
      { id: propertyId.userProperty, name: "u", value: "v".repeat(30) },
    ] as const;
    wired.answer = (_broker, packet) =>
      answerOf(packet).map((each) =>
        each.type === "connack" || each.type === "suback" ? { ...each, properties: words } : each,
      );
    const answers = (most: number): readonly (readonly number[])[] => {
      const properties = [{ id: propertyId.maximumPacketSize, value: most }] as const;
      const client = wired.connect(`x${most}`, { properties });
      wired.send(client, subscribe(1, "b/#"));
      return taken(client).map((packet) =>
        "properties" in packet ? (packet.properties ?? []).map(({ id }) => id) : [],
      );
    };
    const { reasonString, userProperty } = propertyId;
    assert.ok(answers(400)[0]?.includes(userProperty), "both where there is room");
    assert.deepEqual(answers(50)[1], [reasonString]);
    assert.deepEqual(answers(20)[1], []);
    assert.ok(!answers(50)[0]?.includes(userProperty), "CONNACK as well");
  });

  test("words of a refusal and of an end do not make them longer than the client takes either", () => {
    const words = [
      { id: propertyId.reasonString, value: "r".repeat(30) },
      { id: propertyId.userProperty, name: "u", value: "v".repeat(30) },
    ] as const;
    const { reasonString, userProperty, maximumPacketSize } = propertyId;
    const refused = (most: number): readonly number[] | null => {
      const wired = new Wired(routes);
      wired.answer = (broker, packet) =>
        broker === "b" && packet.type === "connect"
          ? [{ type: "connack", sessionPresent: false, reason: 0x87, properties: words }]
          : null;
      const properties = [{ id: maximumPacketSize, value: most }] as const;
      const client = wired.connect("x", { properties });
      assert.ok(client.ended, "the client is refused");
      const [packet] = taken(client);
      return packet?.type === "connack" ? packet.properties.map(({ id }) => id) : null;
    };
    assert.deepEqual(
      [200, 50, 20, 5, 4].map(refused),
      [[reasonString, userProperty], [reasonString], [], [], null],
      "what is left without words, if the client takes so much",
    );
    const ended = (most: number, by: "broker" | "loss"): readonly number[] | null => {
      const wired = new Wired(routes);
      const properties = [{ id: maximumPacketSize, value: most }] as const;
      // CONNACK says what must be said.
      const client = connected(wired, "x", { properties });
      if (by === "loss") wired.cut(wired.link("b"));
      else wired.send(wired.link("b"), { type: "disconnect", reason: 0x8b, properties: words });
      assert.ok(client.ended, "the client is ended");
      const [packet] = taken(client);
      if (packet?.type !== "disconnect") return null;
      assert.equal(packet.reason, 0x8b);
      return (packet.properties ?? []).map(({ id }) => id);
    };
    assert.deepEqual(
      [200, 50, 20, 3, 2].map((most) => ended(most, "broker")),
      [[reasonString, userProperty], [reasonString], [], [], null],
    );
    assert.deepEqual(
      [200, 15, 2].map((most) => ended(most, "loss")),
      [[reasonString], [], null],
    );
  });

  test("a client that is taken over before its CONNACK hears a refusal, not DISCONNECT", () => {
    // What is lazy is claimed before all that have a part of the session have answered.
    const kept = {
      cleanStart: false,
      properties: [{ id: propertyId.sessionExpiry, value: 60 }],
    } as const;
    const wired = new Wired(routes, 5, { connect: "lazy" });
    const silent = { b: false };
    wired.answer = (broker, packet) =>
      broker === "b" && packet.type === "connect" && silent.b ? [] : answerOf(packet);
    const first = wired.connect("x", kept);
    wired.send(first, { type: "disconnect", reason: 0, properties: null });
    silent.b = true;
    const older = wired.connect("x", kept);
    assert.deepEqual(taken(older), [], "b is waited for");
    wired.connect("x", { ...kept, cleanStart: true });
    wired.tick(0);
    const [packet] = taken(older);
    assert.equal(packet?.type === "connack" && packet.reason, 0x88);
    assert.ok(older.ended, "it ends");
  });
});

const suback = { type: "suback", properties: [] } as const;
