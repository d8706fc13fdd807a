/** `connect: lazy` with brokers that are not there, played by the test. Real brokers are in tests/mqtt/links.test.ts. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { answerOf, type End, Wired } from "../../test/wired.ts";
import type { Connect, Packet } from "../wire/packets.ts";
import { propertyId } from "../wire/properties.ts";

const routes = [
  { prefix: "b", cluster: "b" },
  { prefix: "c", cluster: "c" },
];
const kept = {
  cleanStart: false,
  properties: [{ id: propertyId.sessionExpiry, value: 60 }],
} as const;
const will = {
  ...{ qos: 1 as const, retain: false, properties: [], topic: "b/w" },
  payload: new Uint8Array(0),
} as const;

/** What each broker says to CONNECT: a reason code, or that its session is present; anything else it accepts. */
type Says = Readonly<Record<string, number | "kept">>;

class Brokers extends Wired {
  /** CONNECTs in the order they came: the broker's name, "!" behind it for a clean start, "w" with a will. */
  readonly asked: string[] = [];

  constructor(says: Says, onLoss: "close" | "isolate" = "close", connect = "lazy") {
    super(routes, 5, { connect, onLoss });
    this.says(says);
  }

  says(says: Says): void {
    this.asked.splice(0);
    this.answer = (broker, packet) => {
      if (packet.type !== "connect") return answerOf(packet);
      const { cleanStart, will: hasWill } = packet;
      this.asked.push(`${broker}${cleanStart ? "!" : ""}${hasWill === null ? "" : "w"}`);
      const word = says[broker] ?? 0;
      const sessionPresent = word === "kept" && !cleanStart;
      const reason = word === "kept" ? 0 : word;
      return [{ type: "connack", sessionPresent, reason, properties: [] }];
    };
  }

  /** The reason code in CONNACK, and "kept" when the session is present. */
  outcome(more: Partial<Connect> = {}): number | string | undefined {
    return outcomeOf(this.connect("x", more));
  }
}

function outcomeOf(client: End): number | string | undefined {
  const packet: Packet | undefined = client.packets[0];
  if (packet?.type !== "connack") return packet?.type;
  return packet.sessionPresent ? "kept" : packet.reason;
}

const AWAY = 0x88;

describe("lazy links while brokers are away", () => {
  for (const onLoss of ["close", "isolate"] as const) {
    test(`${onLoss}: the next one is asked when one is not there, until one accepts`, () => {
      const one = new Brokers({ a: AWAY }, onLoss);
      assert.equal(one.outcome(), 0);
      assert.deepEqual(one.asked, ["a!", "b!"]);
      const two = new Brokers({ a: AWAY, b: AWAY }, onLoss);
      assert.equal(two.outcome(), 0);
      assert.deepEqual(two.asked, ["a!", "b!", "c!"]);
    });

    test(`${onLoss}: the client is refused when none is there`, () => {
      const wired = new Brokers({ a: AWAY, b: AWAY, c: AWAY }, onLoss);
      assert.equal(wired.outcome(), AWAY);
      assert.deepEqual(wired.asked, ["a!", "b!", "c!"]);
    });

    test(`${onLoss}: a refusal is the answer, whoever else is there`, () => {
      const first = new Brokers({ a: 0x86 }, onLoss);
      assert.equal(first.outcome(), 0x86);
      assert.deepEqual(first.asked, ["a!"]);
      const second = new Brokers({ a: AWAY, b: 0x87 }, onLoss);
      assert.equal(second.outcome(), 0x87);
      assert.deepEqual(second.asked, ["a!", "b!"]);
    });

    test(`${onLoss}: a broker that was not there is connected to when it is needed`, () => {
      const wired = new Brokers({ a: AWAY }, onLoss);
      const client = wired.connect("x");
      wired.says({});
      wired.tick(60_000);
      assert.deepEqual(wired.asked, [], "nobody waits for it");
      const publish = { type: "publish", dup: false, qos: 0, retain: false, topic: "q" } as const;
      wired.send(client, { ...publish, packetId: 0, properties: [], payload: new Uint8Array(0) });
      assert.deepEqual(wired.asked, ["a!"]);
      const types = wired.link("a").packets.map(({ type }) => type);
      assert.deepEqual(types, ["connect", "publish"]);
    });
  }

  test("close: without the owner of the will the client is refused, and no other keeps it", () => {
    const wired = new Brokers({ b: AWAY });
    assert.equal(wired.outcome({ will }), AWAY);
    assert.deepEqual(wired.asked, ["a!", "b!w"]);
    assert.deepEqual(wired.brokers, [], "the broker that accepted has heard DISCONNECT");
  });

  test("isolate: the owner of the will hears it when it is there", () => {
    const wired = new Brokers({ b: AWAY }, "isolate");
    assert.equal(wired.outcome({ will }), 0);
    wired.says({});
    wired.tick(500);
    assert.deepEqual(wired.asked, ["b!w"]);
  });

  test("the owner of the will is enough where the first one is not there", () => {
    const wired = new Brokers({ a: AWAY });
    assert.equal(wired.outcome({ will }), 0);
    assert.deepEqual(wired.asked, ["a!", "b!w"]);
  });

  test("close: a kept session wants all that have a part of it, and only them", () => {
    const wired = new Brokers({ a: AWAY });
    const first = wired.connect("x", { ...kept, cleanStart: true });
    assert.equal(outcomeOf(first), 0);
    wired.send(first, { type: "disconnect", reason: 0, properties: null });
    wired.says({ a: AWAY, b: "kept" });
    const second = wired.connect("x", kept);
    assert.equal(outcomeOf(second), "kept", "a has no part of it");
    assert.deepEqual(wired.asked, ["a", "b"]);
    wired.send(second, { type: "disconnect", reason: 0, properties: null });
    wired.says({ b: AWAY });
    assert.equal(wired.outcome(kept), AWAY, "b has it");
    wired.says({ a: AWAY, b: "kept" });
    assert.equal(wired.outcome(kept), "kept", "it is as it was");
  });

  test("isolate: a broker that is away keeps its part of a session", () => {
    const wired = new Brokers({ a: AWAY }, "isolate");
    const first = wired.connect("x", { ...kept, cleanStart: true });
    const each = { qos: 1, noLocal: false, retainAsPublished: false, retainHandling: 0 } as const;
    const subscriptions = [{ filter: "c/#", ...each }];
    wired.send(first, { type: "subscribe", packetId: 1, properties: [], subscriptions });
    assert.deepEqual(wired.asked, ["a!", "b!", "c!"]);
    wired.send(first, { type: "disconnect", reason: 0, properties: null });
    wired.says({ a: AWAY, b: AWAY, c: "kept" });
    assert.equal(wired.outcome(kept), "kept");
    wired.says({ b: "kept" });
    wired.tick(500);
    assert.deepEqual(wired.asked, ["b"], "and is opened again, not anew");
  });

  test("close: a session that this router has not followed is not said to be whole while a broker is away", () => {
    const wired = new Brokers({ a: AWAY, b: "kept" });
    assert.equal(wired.outcome(kept), AWAY);
    assert.deepEqual(wired.asked, ["a", "b", "c"]);
    const nobody = new Brokers({ a: AWAY });
    assert.equal(nobody.outcome(kept), 0, "none has kept any: it begins");
  });

  test("what a broker had kept that was away when the session began is not the session's", () => {
    const wired = new Brokers({ a: AWAY });
    const client = wired.connect("x", kept);
    assert.equal(outcomeOf(client), 0);
    wired.says({ a: "kept" });
    const each = { qos: 1, noLocal: false, retainAsPublished: false, retainHandling: 0 } as const;
    const subscriptions = [{ filter: "q", ...each }];
    wired.send(client, { type: "subscribe", packetId: 1, properties: [], subscriptions });
    assert.deepEqual(wired.asked, ["a", "a!"]);
  });

  test("a clean start does not wait for a broker that has an older session", () => {
    const wired = new Brokers({});
    const first = wired.connect("x", { ...kept, cleanStart: true });
    wired.send(first, { type: "disconnect", reason: 0, properties: null });
    wired.says({ a: AWAY });
    assert.equal(wired.outcome({ ...kept, cleanStart: true }), 0);
    assert.deepEqual(wired.asked, ["a!", "b!"]);
  });
});

describe("a session that brokers have kept and this router has not followed", () => {
  const all: Says = { a: "kept", b: "kept", c: "kept" };

  for (const connect of ["eager", "lazy"]) {
    test(`${connect}, isolate: a broker that was away at CONNECT goes on with its part`, () => {
      const wired = new Brokers({ ...all, b: AWAY }, "isolate", connect);
      const client = wired.connect("x", kept);
      assert.equal(outcomeOf(client), "kept");
      wired.says(all);
      wired.tick(500);
      assert.deepEqual([wired.asked, client.ended], [["b"], false], "not begun anew");
    });

    test(`${connect}, isolate: one that has lost its part ends the client, and the session`, () => {
      const wired = new Brokers({ ...all, b: AWAY }, "isolate", connect);
      const client = wired.connect("x", kept);
      wired.says({ ...all, b: 0 });
      wired.tick(500);
      const bye = client.packets.at(-1);
      assert.equal(bye?.type === "disconnect" && bye.reason, 0x8b);
      assert.ok(client.ended, "nobody knows its filters there");
      wired.says(all); // b has the session that it was begun with
      assert.equal(wired.outcome(kept), 0);
      assert.deepEqual([...new Set(wired.asked.filter((name) => name.endsWith("!")))].length, 3);
      wired.says(all);
      assert.equal(wired.outcome(kept), "kept", "which is followed from there on");
    });
  }

  test("it stays so when the client comes again", () => {
    const wired = new Brokers(all, "close", "eager");
    const client = wired.connect("x", kept);
    assert.equal(outcomeOf(client), "kept");
    wired.send(client, { type: "disconnect", reason: 0, properties: null });
    wired.says({ ...all, b: 0 });
    assert.equal(wired.outcome(kept), 0, "its filters at b are not known");
  });
});
