/**
 * Packets from bytes, strictly: what a broker would refuse is refused here,
 * with the reason code that the standard names. PUBLISH and its answers have
 * a cheaper way, see `publish-scanner` and `ack-scanner`.
 */
import { assertNever } from "@echarde/core";
import { checkFilter, type FilterFault, isShared } from "../filters/filter.ts";
import { decodeConnect } from "./decode-connect.ts";
import { FieldReader } from "./field-reader.ts";
import type { Frame } from "./frame-reader.ts";
import * as type from "./packet-types.ts";
import type {
  Acknowledgement,
  Auth,
  Connack,
  Disconnect,
  Packet,
  Publish,
  Qos,
  Suback,
  Subscribe,
  Subscription,
  Unsuback,
  Unsubscribe,
} from "./packets.ts";
import { propertyId, textOf } from "./properties.ts";
import { isReason } from "./reasons.ts";
import { malformed, protocolError, type Rejection } from "./rejection.ts";
import { WILDCARD } from "./text.ts";

/**
 * The packet in `frame`, which a `FrameReader` for the same version and
 * sender has passed. Views of `bytes` live in it. CONNECT tells its own
 * version, whatever `version` is.
 */
export function decodePacket(
  bytes: Uint8Array,
  frame: Frame,
  version: type.Version,
  sender: type.Sender,
): Packet | Rejection {
  const fields = new FieldReader(bytes, frame.body, frame.end, sender);
  const packet = decodeBody(fields, frame, version, sender);
  fields.finish();
  return fields.rejection ?? packet;
}

function decodeBody(
  fields: FieldReader,
  frame: Frame,
  version: type.Version,
  sender: type.Sender,
): Packet {
  const packetType = frame.first >> 4;
  switch (packetType) {
    case type.CONNECT:
      return decodeConnect(fields, frame);
    case type.CONNACK:
      return decodeConnack(fields, version);
    case type.PUBLISH:
      return decodePublish(fields, frame.first, version);
    case type.PUBACK:
    case type.PUBREC:
    case type.PUBREL:
    case type.PUBCOMP:
      return decodeAcknowledgement(fields, packetType, version, sender);
    case type.SUBSCRIBE:
      return decodeSubscribe(fields, version);
    case type.SUBACK:
      return decodeSuback(fields, version);
    case type.UNSUBSCRIBE:
      return decodeUnsubscribe(fields, version);
    case type.UNSUBACK:
      return decodeUnsuback(fields, version);
    case type.PINGREQ:
      return { type: "pingreq" };
    case type.PINGRESP:
      return { type: "pingresp" };
    case type.DISCONNECT:
      return decodeDisconnect(fields, version, sender);
    case type.AUTH:
      return decodeAuth(fields, sender);
    default:
      return assertNever(packetType as never);
  }
}

/** `flags, reason, [properties]` */
function decodeConnack(fields: FieldReader, version: type.Version): Connack {
  const flags = fields.byte();
  if (flags > 1) fields.fail(malformed("MQTT-3.2.2-1", "reserved flags"));
  const reason = fields.byte();
  const known = version === 5 ? isReason(type.CONNACK, reason, "server") : reason < 6;
  if (!known) fields.fail(protocolError("MQTT-3.2.2-8", "unknown reason code"));
  if (flags === 1 && reason !== 0) {
    fields.fail(protocolError("MQTT-3.2.2-6", "session present in a refusal"));
  }
  const properties = version === 5 ? fields.properties(type.CONNACK) : [];
  return { type: "connack", sessionPresent: flags === 1, reason, properties };
}

/** `topic, packet id if QoS > 0, [properties], payload` */
function decodePublish(fields: FieldReader, first: number, version: type.Version): Publish {
  const qos = ((first >> 1) & 3) as Qos;
  const topic = fields.text();
  if (fields.kind === WILDCARD) fields.fail(malformed("MQTT-3.3.2-2", "a topic with a wildcard"));
  const packetId = qos === 0 ? 0 : fields.packetId();
  const properties = version === 5 ? fields.properties(type.PUBLISH) : [];
  if (topic === "" && !properties.some(({ id }) => id === propertyId.topicAlias)) {
    fields.fail(
      version === 5
        ? protocolError("3.3.2.1", "neither topic nor alias")
        : malformed("MQTT-4.7.3-1", "an empty topic"),
    );
  }
  const dup = (first & 8) !== 0;
  const retain = (first & 1) !== 0;
  return { type: "publish", dup, qos, retain, topic, packetId, properties, payload: fields.rest() };
}

const ACKNOWLEDGEMENTS = {
  [type.PUBACK]: "puback",
  [type.PUBREC]: "pubrec",
  [type.PUBREL]: "pubrel",
  [type.PUBCOMP]: "pubcomp",
} as const;

/** Conformance statement about each packet's reason codes. */
const REASON_CLAUSES = {
  [type.PUBACK]: "MQTT-3.4.2-1",
  [type.PUBREC]: "MQTT-3.5.2-1",
  [type.PUBREL]: "MQTT-3.6.2-1",
  [type.PUBCOMP]: "MQTT-3.7.2-1",
  [type.DISCONNECT]: "MQTT-3.14.2-1",
  [type.AUTH]: "MQTT-3.15.2-1",
} as const;

/** `reason`, which may be missing. */
function reasonOf(
  fields: FieldReader,
  packetType: keyof typeof REASON_CLAUSES,
  sender: type.Sender,
): number | null {
  if (fields.left === 0) return null;
  const reason = fields.byte();
  if (!isReason(packetType, reason, sender)) {
    fields.fail(protocolError(REASON_CLAUSES[packetType], "unknown reason code"));
  }
  return reason;
}

/** `packet id, [[reason, [properties]]]` */
function decodeAcknowledgement(
  fields: FieldReader,
  packetType: keyof typeof ACKNOWLEDGEMENTS,
  version: type.Version,
  sender: type.Sender,
): Acknowledgement {
  const packetId = fields.packetId();
  const reason = version === 5 ? reasonOf(fields, packetType, sender) : null;
  const properties = version === 5 && fields.left > 0 ? fields.properties(packetType) : null;
  return { type: ACKNOWLEDGEMENTS[packetType], packetId, reason, properties };
}

/** `packet id, [properties], (filter, options)+` */
function decodeSubscribe(fields: FieldReader, version: type.Version): Subscribe {
  const packetId = fields.packetId();
  const properties = version === 5 ? fields.properties(type.SUBSCRIBE) : [];
  const subscriptions: Subscription[] = [];
  if (fields.left === 0) fields.fail(protocolError("MQTT-3.8.3-2", "no filter"));
  while (fields.left > 0) {
    const filter = filterOf(fields);
    const options = fields.byte();
    const handling = (options >> 4) & 3;
    if ((options & (version === 5 ? 0xc0 : 0xfc)) !== 0) {
      fields.fail(malformed("MQTT-3.8.3-5", "reserved subscription options"));
    }
    if ((options & 3) === 3) fields.fail(protocolError("3.8.3.1", "QoS 3"));
    if (handling === 3) fields.fail(protocolError("3.8.3.1", "retain handling 3"));
    const noLocal = (options & 4) !== 0;
    if (noLocal && isShared(filter)) {
      fields.fail(protocolError("MQTT-3.8.3-4", "no local with a shared subscription"));
    }
    subscriptions.push({
      filter,
      qos: (options & 3) as Qos,
      noLocal,
      retainAsPublished: (options & 8) !== 0,
      retainHandling: handling as 0 | 1 | 2,
    });
  }
  return { type: "subscribe", packetId, properties, subscriptions };
}

/** `packet id, [properties], reason+` */
function decodeSuback(fields: FieldReader, version: type.Version): Suback {
  const packetId = fields.packetId();
  const properties = version === 5 ? fields.properties(type.SUBACK) : [];
  const reasons = [...fields.rest()];
  if (reasons.length === 0) fields.fail(protocolError("MQTT-3.8.4-6", "no reason code"));
  const known = (code: number): boolean =>
    version === 5 ? isReason(type.SUBACK, code, "server") : code < 3 || code === 0x80;
  if (!reasons.every(known)) fields.fail(protocolError("MQTT-3.9.3-2", "unknown reason code"));
  return { type: "suback", packetId, properties, reasons };
}

/** `packet id, [properties], filter+` */
function decodeUnsubscribe(fields: FieldReader, version: type.Version): Unsubscribe {
  const packetId = fields.packetId();
  const properties = version === 5 ? fields.properties(type.UNSUBSCRIBE) : [];
  const filters: string[] = [];
  if (fields.left === 0) fields.fail(protocolError("MQTT-3.10.3-2", "no filter"));
  while (fields.left > 0) filters.push(filterOf(fields));
  return { type: "unsubscribe", packetId, properties, filters };
}

/** `packet id, [properties, reason+]` */
function decodeUnsuback(fields: FieldReader, version: type.Version): Unsuback {
  const packetId = fields.packetId();
  if (version === 4) return { type: "unsuback", packetId, properties: [], reasons: [] };
  const properties = fields.properties(type.UNSUBACK);
  const reasons = [...fields.rest()];
  if (reasons.length === 0) fields.fail(protocolError("MQTT-3.11.3-1", "no reason code"));
  if (!reasons.every((code) => isReason(type.UNSUBACK, code, "server"))) {
    fields.fail(protocolError("MQTT-3.11.3-2", "unknown reason code"));
  }
  return { type: "unsuback", packetId, properties, reasons };
}

/** `[reason, [properties]]` */
function decodeDisconnect(
  fields: FieldReader,
  version: type.Version,
  sender: type.Sender,
): Disconnect {
  if (version === 4) return { type: "disconnect", reason: null, properties: null };
  const reason = reasonOf(fields, type.DISCONNECT, sender);
  const properties = fields.left > 0 ? fields.properties(type.DISCONNECT) : null;
  return { type: "disconnect", reason, properties };
}

/** `[reason, properties]` */
function decodeAuth(fields: FieldReader, sender: type.Sender): Auth {
  // The short form says success, which is the server's to say.
  if (fields.left === 0) {
    if (sender === "client") fields.fail(protocolError("MQTT-3.15.2-1", "success from a client"));
    return { type: "auth", reason: null, properties: null };
  }
  const reason = reasonOf(fields, type.AUTH, sender);
  const properties = fields.properties(type.AUTH);
  if (textOf(properties, propertyId.authenticationMethod) === null) {
    fields.fail(protocolError("3.15.2.2.2", "no authentication method"));
  }
  return { type: "auth", reason, properties };
}

const FILTER_FAULTS: Readonly<Record<NonNullable<FilterFault>, string>> = {
  "MQTT-4.7.3-1": "an empty filter",
  "MQTT-4.7.1-1": "a misplaced # in a filter",
  "MQTT-4.7.1-2": "a misplaced + in a filter",
  "MQTT-4.8.2-1": "$share without a name",
  "MQTT-4.8.2-2": "$share with a wildcard in its name or without a filter",
};

function filterOf(fields: FieldReader): string {
  const filter = fields.text();
  if (fields.rejection !== null) return filter;
  const fault = checkFilter(filter);
  if (fault !== null) fields.fail(malformed(fault, FILTER_FAULTS[fault]));
  return filter;
}
