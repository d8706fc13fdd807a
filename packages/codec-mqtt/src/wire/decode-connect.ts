import type { FieldReader } from "./field-reader.ts";
import type { Frame } from "./frame-reader.ts";
import { CONNECT, type Version } from "./packet-types.ts";
import type { Connect, Qos, Will } from "./packets.ts";
import { WILL } from "./properties.ts";
import { reason } from "./reasons.ts";
import { malformed, rejected } from "./rejection.ts";
import { WILDCARD } from "./text.ts";
import { varintSize } from "./varint.ts";

/** `"MQTT", level, flags, keep alive, [properties], client id, will, user name, password`; the last three as the flags say. */
export function decodeConnect(fields: FieldReader, frame: Frame): Connect {
  const name = fields.text();
  const level = fields.byte();
  if (fields.rejection === null && (name !== "MQTT" || (level !== 4 && level !== 5))) {
    // 3.1 (MQIsdp, 3) and bridges (level + 128) included.
    const clause = name === "MQTT" ? "MQTT-3.1.2-2" : "MQTT-3.1.2-1";
    fields.fail(rejected(reason.unsupportedProtocolVersion, clause, "not MQTT 3.1.1 or 5.0"));
  }
  const version: Version = level === 4 ? 4 : 5;
  if (version === 5 && frame.body - frame.start > 1 + varintSize(frame.end - frame.body)) {
    fields.fail(malformed("MQTT-1.5.5-1", "remaining length longer than needed"));
  }
  const flags = fields.byte();
  checkFlags(fields, flags, version);
  const cleanStart = (flags & 2) !== 0;
  const keepAlive = fields.uint16();
  const properties = version === 5 ? fields.properties(CONNECT) : [];
  const clientId = fields.text();
  if (version === 4 && clientId === "" && !cleanStart) {
    fields.fail(
      rejected(reason.clientIdentifierNotValid, "MQTT-3.1.3-8", "no client id for a kept session"),
    );
  }
  const will = (flags & 4) === 0 ? null : decodeWill(fields, flags, version);
  const userName = (flags & 0x80) === 0 ? null : fields.text();
  const password = (flags & 0x40) === 0 ? null : fields.binary();
  return {
    type: "connect",
    version,
    cleanStart,
    keepAlive,
    properties,
    clientId,
    will,
    userName,
    password,
  };
}

function checkFlags(fields: FieldReader, flags: number, version: Version): void {
  if ((flags & 1) !== 0) fields.fail(malformed("MQTT-3.1.2-3", "reserved connect flag"));
  if ((flags & 4) === 0) {
    if ((flags & 0x18) !== 0) fields.fail(malformed("MQTT-3.1.2-11", "will QoS without a will"));
    if ((flags & 0x20) !== 0) fields.fail(malformed("MQTT-3.1.2-13", "will retain without a will"));
  }
  if ((flags & 0x18) === 0x18) fields.fail(malformed("MQTT-3.1.2-12", "will QoS 3"));
  if (version === 4 && (flags & 0xc0) === 0x40) {
    fields.fail(malformed("3.1.1 MQTT-3.1.2-22", "password without user name"));
  }
}

/** `[properties], topic, payload` */
function decodeWill(fields: FieldReader, flags: number, version: Version): Will {
  const properties = version === 5 ? fields.properties(WILL) : [];
  const topic = fields.text();
  if (fields.kind === WILDCARD) {
    fields.fail(malformed("MQTT-4.7.0-1", "a will topic with a wildcard"));
  } else if (topic === "") fields.fail(malformed("MQTT-4.7.3-1", "an empty will topic"));
  return {
    qos: ((flags >> 3) & 3) as Qos,
    retain: (flags & 0x20) !== 0,
    properties,
    topic,
    payload: fields.binary(),
  };
}
