/** What is refused, with which code, and where the standards say so. Numbers of MQTT 5.0 unless 3.1.1 is named. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { AckScanner } from "./ack-scanner.ts";
import { decodePacket } from "./decode.ts";
import { ERROR, FrameReader, LARGEST_PACKET } from "./frame-reader.ts";
import { PUBCOMP, PUBLISH, type Sender, type Version } from "./packet-types.ts";
import { PublishScanner } from "./publish-scanner.ts";
import { reason } from "./reasons.ts";
import type { Rejection } from "./rejection.ts";

const bytesOf = (hex: string): Uint8Array =>
  new Uint8Array(Buffer.from(hex.replaceAll(" ", ""), "hex"));

const MALFORMED = reason.malformedPacket;
const PROTOCOL = reason.protocolError;
const VERSION = reason.unsupportedProtocolVersion;

/** `body` = without fixed header: its length is put in front. Version 0 = the first packet of a connection. */
interface Case {
  readonly clause: string;
  readonly what: string;
  readonly version: Version | 0;
  readonly from: Sender;
  readonly code: number;
  readonly first?: string;
  readonly body?: string;
  readonly raw?: string;
  /** The clause that is reported, where the one in the title is that of 3.1.1. */
  readonly reported?: string;
}

const client = { from: "client" } as const;
const server = { from: "server" } as const;
const name4 = "0004 4d515454 04";
const name5 = "0004 4d515454 05";

const framing: Case[] = [
  { clause: "2.1.2", what: "packet type 0", version: 5, ...client, code: MALFORMED, raw: "00" },
  { clause: "2.1.2", what: "type 15 in 3.1.1", version: 4, ...client, code: MALFORMED, raw: "f0" },
  {
    clause: "MQTT-3.1.0-1",
    what: "PUBLISH before CONNECT",
    version: 0,
    ...client,
    code: PROTOCOL,
    raw: "30",
  },
  {
    clause: "MQTT-3.1.0-1",
    what: "HTTP instead of CONNECT",
    version: 0,
    ...client,
    code: PROTOCOL,
    raw: "474554202f",
  },
  {
    clause: "MQTT-3.1.0-2",
    what: "a second CONNECT",
    version: 5,
    ...client,
    code: PROTOCOL,
    raw: "10",
  },
  {
    clause: "2.1.2",
    what: "CONNACK from a client",
    version: 5,
    ...client,
    code: PROTOCOL,
    raw: "20",
  },
  {
    clause: "2.1.2",
    what: "SUBACK from a client",
    version: 4,
    ...client,
    code: PROTOCOL,
    raw: "90",
  },
  {
    clause: "2.1.2",
    what: "PINGREQ from a server",
    version: 5,
    ...server,
    code: PROTOCOL,
    raw: "c0",
  },
  {
    clause: "2.1.2",
    what: "DISCONNECT from a server in 3.1.1",
    version: 4,
    ...server,
    code: PROTOCOL,
    raw: "e0",
  },
  {
    clause: "2.1.2",
    what: "CONNECT from a server",
    version: 5,
    ...server,
    code: PROTOCOL,
    raw: "10",
  },
  ...["11", "12", "18", "1f"].map((raw): Case => {
    return {
      clause: "MQTT-2.1.3-1",
      what: `CONNECT flags ${raw}`,
      version: 0,
      ...client,
      code: MALFORMED,
      raw,
    };
  }),
  ...["41", "5f", "60", "63", "72", "80", "83", "a0", "c1", "e2", "f1"].map((raw): Case => {
    return {
      clause: "MQTT-2.1.3-1; 3.1.1 MQTT-2.2.2-1",
      what: `flags ${raw}`,
      version: 5,
      ...client,
      code: MALFORMED,
      raw,
      reported: "MQTT-2.1.3-1",
    };
  }),
  { clause: "MQTT-3.3.1-4", what: "QoS 3", version: 4, ...client, code: MALFORMED, raw: "36" },
  {
    clause: "MQTT-3.3.1-2",
    what: "DUP with QoS 0",
    version: 5,
    ...client,
    code: MALFORMED,
    raw: "38",
  },
  {
    clause: "1.5.5",
    what: "five bytes of remaining length",
    version: 4,
    ...client,
    code: MALFORMED,
    raw: "30 ffffffff",
  },
  {
    clause: "MQTT-1.5.5-1",
    what: "padded remaining length",
    version: 5,
    ...client,
    code: MALFORMED,
    raw: "c0 8000",
  },
  {
    clause: "MQTT-3.1.2-24",
    what: "a packet above the maximum",
    version: 5,
    ...client,
    code: reason.packetTooLarge,
    raw: "30 ff ff ff 7f",
  },
  {
    clause: "2.1.4",
    what: "PINGREQ with a body",
    version: 5,
    ...client,
    code: MALFORMED,
    raw: "c0 01",
  },
  {
    clause: "2.1.4",
    what: "PINGRESP with a body",
    version: 4,
    ...server,
    code: MALFORMED,
    raw: "d0 01",
  },
  {
    clause: "2.1.4",
    what: "PUBACK of one byte",
    version: 5,
    ...client,
    code: MALFORMED,
    raw: "40 01",
  },
  {
    clause: "2.1.4",
    what: "PUBREL of three bytes in 3.1.1",
    version: 4,
    ...client,
    code: MALFORMED,
    raw: "62 03",
  },
  {
    clause: "2.1.4",
    what: "CONNACK of three bytes in 3.1.1",
    version: 4,
    ...server,
    code: MALFORMED,
    raw: "20 03",
  },
  {
    clause: "2.1.4",
    what: "DISCONNECT with a body in 3.1.1",
    version: 4,
    ...client,
    code: MALFORMED,
    raw: "e0 01",
  },
  {
    clause: "2.1.4",
    what: "PUBLISH of one byte",
    version: 4,
    ...client,
    code: MALFORMED,
    raw: "30 01",
  },
];

const connects: Case[] = (
  [
    ["MQTT-3.1.2-1", "MQIsdp (3.1)", VERSION, "0006 4d5149736470 03 02 0000 0000"],
    ["MQTT-3.1.2-1", "lower-case name", VERSION, "0004 6d717474 05 02 0000 00 0000"],
    ["MQTT-3.1.2-2", "level 6", VERSION, "0004 4d515454 06 02 0000 00 0000"],
    ["MQTT-3.1.2-2", "the bridge bit", VERSION, "0004 4d515454 84 02 0000 0000"],
    ["MQTT-1.5.4-1", "a name that is not UTF-8", MALFORMED, "0004 ff515454 05 02 0000 00 0000"],
    ["MQTT-3.1.2-3", "the reserved flag", MALFORMED, `${name5} 03 0000 00 0000`],
    ["MQTT-3.1.2-11", "will QoS without a will", MALFORMED, `${name5} 0a 0000 00 0000`],
    ["MQTT-3.1.2-13", "will retain without a will", MALFORMED, `${name4} 22 0000 0000`],
    ["MQTT-3.1.2-12", "will QoS 3", MALFORMED, `${name5} 1e 0000 00 0000 00 0001 77 0000`],
    [
      "3.1.1 MQTT-3.1.2-22",
      "password without user name",
      MALFORMED,
      `${name4} 42 0000 0000 0001 70`,
    ],
    [
      "MQTT-3.1.3-8",
      "3.1.1, no client id and clean session 0",
      reason.clientIdentifierNotValid,
      `${name4} 00 0000 0000`,
    ],
    ["MQTT-1.5.4-1", "a surrogate in the client id", MALFORMED, `${name5} 02 0000 00 0003 eda080`],
    ["MQTT-1.5.4-2", "U+0000 in the client id", MALFORMED, `${name5} 02 0000 00 0001 00`],
    [
      "MQTT-1.5.4-1",
      "a user name that is not UTF-8",
      MALFORMED,
      `${name5} 82 0000 00 0000 0001 80`,
    ],
    [
      "MQTT-4.7.0-1",
      "a wildcard in the will topic",
      MALFORMED,
      `${name5} 06 0000 00 0000 00 0001 23 0000`,
    ],
    ["MQTT-4.7.3-1", "an empty will topic", MALFORMED, `${name5} 06 0000 00 0000 00 0000 0000`],
    ["1.2", "no user name though announced", MALFORMED, `${name5} 82 0000 00 0000`],
    ["1.2", "no will though announced", MALFORMED, `${name4} 06 0000 0000`],
    ["2.1.4", "a user name though not announced", MALFORMED, `${name4} 02 0000 0000 0001 75`],
    ["1.2", "properties beyond the end", MALFORMED, `${name5} 02 0000 05 11 0000`],
    ["MQTT-1.5.5-1", "padded property length", MALFORMED, `${name5} 02 0000 8000 0000`],
    ["2.2.2.2", "unknown property 127", MALFORMED, `${name5} 02 0000 02 7f00 0000`],
    ["2.2.2.2", "property identifier of two bytes", MALFORMED, `${name5} 02 0000 03 8001 00 0000`],
    ["2.2.2.2", "a topic alias in CONNECT", MALFORMED, `${name5} 02 0000 03 230001 0000`],
    ["2.2.2.2", "a will delay outside the will", MALFORMED, `${name5} 02 0000 05 1800000001 0000`],
    [
      "2.2.2.2",
      "session expiry in the will",
      MALFORMED,
      `${name5} 06 0000 00 0000 05 1100000001 0001 77 0000`,
    ],
    ["2.2.2.2", "session expiry twice", PROTOCOL, `${name5} 02 0000 0a 1100000001 1100000001 0000`],
    [
      "2.2.2.2",
      "receive maximum twice (an identifier above 31)",
      PROTOCOL,
      `${name5} 02 0000 06 210001 210001 0000`,
    ],
    ["3.1.2.11.3", "receive maximum 0", PROTOCOL, `${name5} 02 0000 03 210000 0000`],
    ["3.1.2.11.4", "maximum packet size 0", PROTOCOL, `${name5} 02 0000 05 2700000000 0000`],
    ["3.1.2.11", "request problem information 2", PROTOCOL, `${name5} 02 0000 02 1702 0000`],
    ["3.1.2.11", "request response information 2", PROTOCOL, `${name5} 02 0000 02 1902 0000`],
    [
      "3.1.2.11.10",
      "authentication data without a method",
      PROTOCOL,
      `${name5} 02 0000 04 160001ff 0000`,
    ],
    [
      "2.2.2.1",
      "a property of four bytes where one is left",
      MALFORMED,
      `${name5} 02 0000 02 1100 0000`,
    ],
    ["2.2.2.1", "a user property with one string", MALFORMED, `${name5} 02 0000 04 26000161 0000`],
    [
      "MQTT-1.5.4-1",
      "a user property that is not UTF-8",
      MALFORMED,
      `${name5} 02 0000 06 260001ff0000 0000`,
    ],
    [
      "MQTT-3.3.2-14",
      "a wildcard in the will's response topic",
      PROTOCOL,
      `${name5} 06 0000 00 0000 04 0800012b 0001 77 0000`,
    ],
    [
      "3.3.2.3.2",
      "payload format 2 in the will",
      PROTOCOL,
      `${name5} 06 0000 00 0000 02 0102 0001 77 0000`,
    ],
  ] as const
).map(([clause, what, code, body]): Case => {
  return { clause, what: `CONNECT: ${what}`, version: 0, ...client, code, first: "10", body };
});

type Row = readonly [string, string, Version, Sender, number, string, string];
const others: Case[] = (
  [
    ["MQTT-3.2.2-1", "CONNACK: reserved flags", 5, "server", MALFORMED, "20", "02 00 00"],
    [
      "MQTT-3.2.2-6",
      "CONNACK: session present in a refusal",
      5,
      "server",
      PROTOCOL,
      "20",
      "01 87 00",
    ],
    ["MQTT-3.2.2-8", "CONNACK: unknown reason code", 5, "server", PROTOCOL, "20", "00 01 00"],
    ["MQTT-3.2.2-8", "CONNACK: return code 6 in 3.1.1", 4, "server", PROTOCOL, "20", "00 06"],
    ["3.2.2.3", "CONNACK: maximum QoS 2", 5, "server", PROTOCOL, "20", "00 00 02 2402"],
    ["3.2.2.3", "CONNACK: retain available 2", 5, "server", PROTOCOL, "20", "00 00 02 2502"],
    ["1.2", "CONNACK: no properties in 5", 5, "server", MALFORMED, "20", "00 00"],

    ["MQTT-3.3.2-2", "PUBLISH: # in the topic", 4, "client", MALFORMED, "30", "0002 6123"],
    ["MQTT-3.3.2-2", "PUBLISH: + in the topic", 5, "server", MALFORMED, "30", "0003 612f2b 00"],
    ["3.3.2.1", "PUBLISH: neither topic nor alias", 5, "client", PROTOCOL, "30", "0000 00"],
    ["MQTT-4.7.3-1", "PUBLISH: empty topic in 3.1.1", 4, "client", MALFORMED, "30", "0000"],
    [
      "MQTT-1.5.4-1; 3.1.1 MQTT-1.5.3-1",
      "PUBLISH: overlong form",
      4,
      "client",
      MALFORMED,
      "30",
      "0002 c080",
    ],
    ["MQTT-1.5.4-1", "PUBLISH: U+D800", 5, "client", MALFORMED, "30", "0003 eda080 00"],
    ["MQTT-1.5.4-1", "PUBLISH: above U+10FFFF", 5, "client", MALFORMED, "30", "0004 f4908080 00"],
    [
      "MQTT-1.5.4-1",
      "PUBLISH: a character cut off by the length",
      5,
      "client",
      MALFORMED,
      "30",
      "0001 c3 a9",
    ],
    [
      "MQTT-1.5.4-2; 3.1.1 MQTT-1.5.3-2",
      "PUBLISH: U+0000",
      4,
      "client",
      MALFORMED,
      "30",
      "0003 610062",
    ],
    [
      "MQTT-2.2.1-3; 3.1.1 MQTT-2.3.1-1",
      "PUBLISH: packet id 0",
      4,
      "client",
      PROTOCOL,
      "32",
      "0001 61 0000",
    ],
    [
      "MQTT-2.2.1-3",
      "PUBLISH from a server: packet id 0",
      5,
      "server",
      PROTOCOL,
      "34",
      "0001 61 0000 00",
    ],
    ["1.2", "PUBLISH: no packet id", 4, "client", MALFORMED, "32", "0001 61 00"],
    ["1.2", "PUBLISH: topic beyond the end", 4, "client", MALFORMED, "30", "0003 6162"],
    ["1.2", "PUBLISH: properties beyond the end", 5, "client", MALFORMED, "30", "0001 61 05 01"],
    ["1.2", "PUBLISH: no property length", 5, "client", MALFORMED, "30", "0001 61"],
    [
      "MQTT-1.5.5-1",
      "PUBLISH: padded property length",
      5,
      "client",
      MALFORMED,
      "30",
      "0001 61 8000",
    ],
    [
      "MQTT-1.5.5-1",
      "PUBLISH: property length of five bytes",
      5,
      "client",
      MALFORMED,
      "30",
      "0001 61 ffffffff 7f",
    ],
    [
      "MQTT-3.3.2-8",
      "PUBLISH: topic alias 0",
      5,
      "client",
      reason.topicAliasInvalid,
      "30",
      "0001 61 03 230000",
    ],
    [
      "2.2.2.2",
      "PUBLISH: topic alias twice",
      5,
      "client",
      PROTOCOL,
      "30",
      "0001 61 06 230001 230001",
    ],
    [
      "2.2.2.1",
      "PUBLISH: property length 1 with a property of four bytes",
      5,
      "client",
      MALFORMED,
      "30",
      "0001 61 01 02 ffffffff",
    ],
    [
      "MQTT-3.3.4-6",
      "PUBLISH: subscription identifier from a client",
      5,
      "client",
      PROTOCOL,
      "30",
      "0001 61 02 0b01",
    ],
    [
      "3.8.2.1.2",
      "PUBLISH: subscription identifier 0",
      5,
      "server",
      PROTOCOL,
      "30",
      "0001 61 02 0b00",
    ],
    [
      "MQTT-1.5.5-1",
      "PUBLISH: padded subscription identifier",
      5,
      "server",
      MALFORMED,
      "30",
      "0001 61 03 0b8100",
    ],
    [
      "MQTT-3.3.2-14",
      "PUBLISH: wildcard in the response topic",
      5,
      "client",
      PROTOCOL,
      "30",
      "0001 61 04 08000123",
    ],
    [
      "MQTT-4.7.3-1",
      "PUBLISH: empty response topic",
      5,
      "client",
      PROTOCOL,
      "30",
      "0001 61 03 080000",
    ],
    ["3.3.2.3.2", "PUBLISH: payload format 2", 5, "client", PROTOCOL, "30", "0001 61 02 0102"],
    ["2.2.2.2", "PUBLISH: reason string", 5, "client", MALFORMED, "30", "0001 61 04 1f000161"],

    ...(["40", "50", "62", "70"] as const).flatMap((first, i): Row[] => [
      ["MQTT-2.2.1-3", `${first}: packet id 0`, 5, "client", PROTOCOL, first, "0000"],
      [
        `MQTT-3.${4 + i}.2-1`,
        `${first}: unknown reason code`,
        5,
        "client",
        PROTOCOL,
        first,
        "0001 01",
      ],
      ["2.1.4", `${first}: bytes behind`, 5, "client", MALFORMED, first, "0001 00 00 00"],
      [
        "1.2",
        `${first}: properties beyond the end`,
        5,
        "client",
        MALFORMED,
        first,
        "0001 00 05 26",
      ],
      ["2.2.2.2", `${first}: property of others`, 5, "client", MALFORMED, first, "0001 00 02 0101"],
      [
        "2.2.2.2",
        `${first}: reason string twice`,
        5,
        "client",
        PROTOCOL,
        first,
        "0001 00 06 1f0000 1f0000",
      ],
      [
        "MQTT-1.5.5-1",
        `${first}: padded property length`,
        5,
        "client",
        MALFORMED,
        first,
        "0001 00 8000",
      ],
    ]),
    ["MQTT-3.4.2-1", "PUBACK: 0x10 from a client", 5, "client", PROTOCOL, "40", "0001 10"],

    ["MQTT-3.8.3-2", "SUBSCRIBE: no filter", 5, "client", PROTOCOL, "82", "0001 00"],
    [
      "MQTT-3.8.3-2; 3.1.1 MQTT-3.8.3-3",
      "SUBSCRIBE: no filter",
      4,
      "client",
      PROTOCOL,
      "82",
      "0001",
    ],
    ["MQTT-2.2.1-3", "SUBSCRIBE: packet id 0", 4, "client", PROTOCOL, "82", "0000 0001 61 00"],
    ["1.2", "SUBSCRIBE: filter without options", 4, "client", MALFORMED, "82", "0001 0001 61"],
    [
      "MQTT-3.8.3-5",
      "SUBSCRIBE: reserved options",
      5,
      "client",
      MALFORMED,
      "82",
      "0001 00 0001 61 40",
    ],
    [
      "MQTT-3.8.3-5; 3.1.1 MQTT-3.8.3-4",
      "SUBSCRIBE: options of 5 in 3.1.1",
      4,
      "client",
      MALFORMED,
      "82",
      "0001 0001 61 04",
    ],
    ["3.8.3.1", "SUBSCRIBE: QoS 3", 5, "client", PROTOCOL, "82", "0001 00 0001 61 03"],
    ["3.8.3.1", "SUBSCRIBE: retain handling 3", 5, "client", PROTOCOL, "82", "0001 00 0001 61 30"],
    [
      "MQTT-3.8.3-4",
      "SUBSCRIBE: no local and shared",
      5,
      "client",
      PROTOCOL,
      "82",
      "0001 00 000a 2473686172652f672f61 04",
    ],
    ["MQTT-4.7.1-1", "SUBSCRIBE: a#", 4, "client", MALFORMED, "82", "0001 0002 6123 00"],
    ["MQTT-4.7.1-2", "SUBSCRIBE: a+", 5, "client", MALFORMED, "82", "0001 00 0002 612b 00"],
    ["MQTT-4.7.3-1", "SUBSCRIBE: empty filter", 5, "client", MALFORMED, "82", "0001 00 0000 00"],
    [
      "MQTT-4.8.2-2",
      "SUBSCRIBE: $share/g",
      5,
      "client",
      MALFORMED,
      "82",
      "0001 00 0008 2473686172652f67 00",
    ],
    [
      "MQTT-4.8.2-1",
      "SUBSCRIBE: $share//a",
      5,
      "client",
      MALFORMED,
      "82",
      "0001 00 0009 2473686172652f2f61 00",
    ],
    ["MQTT-1.5.4-2", "SUBSCRIBE: U+0000", 5, "client", MALFORMED, "82", "0001 00 0001 00 00"],
    [
      "3.8.2.1.2",
      "SUBSCRIBE: subscription identifier 0",
      5,
      "client",
      PROTOCOL,
      "82",
      "0001 02 0b00 0001 61 00",
    ],
    [
      "2.2.2.2",
      "SUBSCRIBE: subscription identifier twice",
      5,
      "client",
      PROTOCOL,
      "82",
      "0001 04 0b01 0b02 0001 61 00",
    ],
    ["MQTT-3.8.4-6", "SUBACK: no reason code", 5, "server", PROTOCOL, "90", "0001 00"],
    ["MQTT-3.9.3-2", "SUBACK: reason code 3", 5, "server", PROTOCOL, "90", "0001 00 03"],
    ["MQTT-3.9.3-2", "SUBACK: 0x87 in 3.1.1", 4, "server", PROTOCOL, "90", "0001 87"],
    ["MQTT-3.10.3-2", "UNSUBSCRIBE: no filter", 4, "client", PROTOCOL, "a2", "0001"],
    ["MQTT-4.7.1-1", "UNSUBSCRIBE: #/a", 4, "client", MALFORMED, "a2", "0001 0003 232f61"],
    ["MQTT-3.11.3-1", "UNSUBACK: no reason code", 5, "server", PROTOCOL, "b0", "0001 00"],
    ["MQTT-3.11.3-2", "UNSUBACK: reason code 1", 5, "server", PROTOCOL, "b0", "0001 00 01"],

    ["MQTT-3.14.2-1", "DISCONNECT: unknown reason code", 5, "client", PROTOCOL, "e0", "01"],
    [
      "MQTT-3.14.2-1",
      "DISCONNECT: a server's code from a client",
      5,
      "client",
      PROTOCOL,
      "e0",
      "8e",
    ],
    [
      "MQTT-3.14.2-1",
      "DISCONNECT: a client's code from a server",
      5,
      "server",
      PROTOCOL,
      "e0",
      "04",
    ],
    [
      "MQTT-3.14.2-2",
      "DISCONNECT: session expiry from a server",
      5,
      "server",
      PROTOCOL,
      "e0",
      "00 05 1100000000",
    ],
    ["2.1.4", "DISCONNECT: bytes behind", 5, "client", MALFORMED, "e0", "00 00 00"],
    ["MQTT-3.15.2-1", "AUTH: unknown reason code", 5, "client", PROTOCOL, "f0", "01 04 1500016d"],
    ["MQTT-3.15.2-1", "AUTH: success from a client", 5, "client", PROTOCOL, "f0", ""],
    [
      "MQTT-3.15.2-1",
      "AUTH: re-authenticate from a server",
      5,
      "server",
      PROTOCOL,
      "f0",
      "19 04 1500016d",
    ],
    ["3.15.2.2.2", "AUTH: no method", 5, "client", PROTOCOL, "f0", "18 00"],
  ] satisfies Row[]
).map(([clause, what, version, from, code, first, body]): Case => {
  return { clause, what, version, from, code, first, body };
});

function rejectionOf(bytes: Uint8Array, version: Version | 0, from: Sender): Rejection {
  const reader = new FrameReader(from, version, Math.min(LARGEST_PACKET, 1 << 20));
  if (reader.read(bytes, 0) === ERROR) {
    // A reader that failed stays failed.
    assert.equal(reader.read(bytesOf("c000"), 0), ERROR);
    return reader.rejection as Rejection;
  }
  const packet = decodePacket(bytes, reader, version === 0 ? 5 : version, from);
  assert.equal(packet.type, "rejection");
  if (reader.type >= PUBLISH && reader.type <= PUBCOMP) {
    const Scanner = reader.type === PUBLISH ? PublishScanner : AckScanner;
    const scanner = new Scanner(version === 0 ? 5 : version, from);
    assert.equal(scanner.scan(bytes, reader), false);
    assert.deepEqual(scanner.rejection, packet);
  }
  return packet as Rejection;
}

for (const each of [...framing, ...connects, ...others]) {
  test(`[${each.clause}] ${each.what} (${each.version === 0 ? "first" : each.version}, ${each.from})`, () => {
    const body = bytesOf(each.body ?? "");
    const bytes =
      each.raw === undefined
        ? Uint8Array.from([
            ...bytesOf(each.first ?? ""),
            body.length,
            ...body,
            0xff,
            0xff,
            0xff,
            0xff,
          ])
        : bytesOf(each.raw);
    const rejection = rejectionOf(bytes, each.version, each.from);
    assert.equal(rejection.clause, each.reported ?? each.clause.split(";")[0]);
    assert.equal(rejection.reason, each.code);
  });
}

test("3.1.1 lets a padded remaining length pass: its text has no rule against it", () => {
  const reader = new FrameReader("client", 4);
  assert.equal(reader.read(bytesOf("c0 8000"), 0), 1);
  assert.equal(reader.end, 3);
});

test("[MQTT-1.5.5-1] a padded remaining length in a CONNECT of 5", () => {
  const rejection = rejectionOf(bytesOf(`10 8d00 ${name5} 02 0000 00 0000`), 0, "client");
  assert.equal(rejection.clause, "MQTT-1.5.5-1");
});

test("[MQTT-3.1.2-24] the maximum counts the whole packet", () => {
  const bytes = bytesOf("30 05 0003 612f62");
  const reader = new FrameReader("client", 4, 7);
  assert.equal(reader.read(bytes, 0), 1);
  reader.maxPacket = 6;
  assert.equal(reader.read(bytes, 0), ERROR);
});
