/** What the compliance kit must be told about MQTT. */
import { type Codec, encodeUtf8 } from "@echarde/core";
import type { CodecSamples } from "@echarde/testkit";
import { mqtt } from "../src/codec.ts";
import { encodePacket } from "../src/wire/encode.ts";
import type { Connect, Packet, Subscription } from "../src/wire/packets.ts";

const table = {
  protocol: "mqtt",
  defaultCluster: "west",
  clusters: { east: { endpoints: ["127.0.0.1:1"] }, west: { endpoints: ["127.0.0.1:2"] } },
  routes: [{ prefix: "e", cluster: "east" }],
};
const connect: Connect = {
  type: "connect",
  version: 5,
  cleanStart: true,
  keepAlive: 0,
  properties: [],
  clientId: "c",
  will: null,
  userName: null,
  password: null,
};
const packet = (given: Packet): Uint8Array => encodePacket(given, 5);
const publish = (topic: string, qos: 0 | 1 | 2): Uint8Array =>
  packet({
    ...{ type: "publish", dup: false, retain: false, properties: [] },
    ...{ qos, topic, packetId: qos, payload: encodeUtf8("payload") },
  });
const ack = (type: "puback" | "pubrec" | "pubrel" | "pubcomp"): Uint8Array =>
  packet({ type, packetId: 1, reason: null, properties: null });

/** The codec behind a CONNECT: what it does with everything else. */
export function introduced(): Codec {
  const codec = mqtt();
  return {
    ...codec,
    start: (router) => {
      const running = codec.start(router);
      return {
        link: (context) => running.link(context),
        session: (context) => {
          const session = running.session(context);
          session.request(packet(connect), 0);
          return session;
        },
      };
    },
  };
}

const subscription: Omit<Subscription, "filter"> = {
  qos: 1,
  noLocal: false,
  retainAsPublished: false,
  retainHandling: 0,
};
const subscribe = (...filters: string[]): Uint8Array =>
  packet({
    ...{ type: "subscribe", packetId: 5, properties: [] },
    subscriptions: filters.map((filter) => ({ ...subscription, filter })),
  });

const replies: CodecSamples["replies"] = [
  {
    name: "CONNACK",
    bytes: packet({ type: "connack", sessionPresent: false, reason: 0, properties: [] }),
  },
  { name: "SUBACK", bytes: packet({ type: "suback", packetId: 5, properties: [], reasons: [0] }) },
  { name: "PINGRESP", bytes: packet({ type: "pingresp" }) },
  { name: "PUBLISH", bytes: publish("e/1", 1), push: true },
  { name: "PUBACK", bytes: ack("puback"), push: true },
  { name: "PUBREL", bytes: ack("pubrel"), push: true },
  {
    name: "DISCONNECT",
    bytes: packet({ type: "disconnect", reason: 0x8b, properties: null }),
    push: true,
  },
];

/** Of a client that has said nothing yet. */
export const introduction: CodecSamples = {
  table,
  requests: [
    { name: "CONNECT", bytes: packet(connect), does: "fragment" },
    { name: "CONNECT 3.1.1", bytes: encodePacket({ ...connect, version: 4 }, 4), does: "fragment" },
  ],
  replies,
  garbage: [Uint8Array.of(0), Uint8Array.of(0xc0, 0), publish("e", 0)],
};
/** Of `introduced`. */
export const afterwards: CodecSamples = {
  table,
  requests: [
    { name: "PUBLISH", bytes: publish("e/1", 0), does: "forward", cluster: "east" },
    { name: "PUBLISH 1", bytes: publish("w/1", 1), does: "forward", cluster: "west" },
    { name: "SUBSCRIBE", bytes: subscribe("e/#", "#"), does: "fragment" },
    { name: "PINGREQ", bytes: packet({ type: "pingreq" }), does: "local" },
    { name: "PUBACK of nothing", bytes: ack("puback"), does: "skip" },
  ],
  replies,
  garbage: [packet(connect), Uint8Array.of(0x36, 5, 0, 1, 97, 0, 1), Uint8Array.of(0xf0, 0)],
};
