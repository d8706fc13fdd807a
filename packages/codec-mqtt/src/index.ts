/**
 * MQTT 3.1.1 and 5.0 for Écharde: one client session over several brokers,
 * split by topic. Give `mqtt()` to a router; the rest is the wire layer.
 *
 * @packageDocumentation
 */
export { type MqttOptions, mqtt } from "./codec.ts";
export {
  checkFilter,
  type FilterFault,
  isShared,
  matches,
  type SharedFilter,
  sharedFilter,
} from "./filters/filter.ts";
export { topicKeyMap } from "./filters/topic-key-map.ts";
export { TopicMap } from "./filters/topic-map.ts";
export type { ClusterOwner, HashOwner, TopicOwner, TopicRule } from "./filters/topic-rules.ts";
export { AckScanner } from "./wire/ack-scanner.ts";
export { decodePacket } from "./wire/decode.ts";
export { encodePacket, encodePublishHead } from "./wire/encode.ts";
export {
  ERROR,
  FRAME,
  type Frame,
  FrameReader,
  type FrameStatus,
  LARGEST_PACKET,
  NEED,
} from "./wire/frame-reader.ts";
export type { Sender, Version } from "./wire/packet-types.ts";
export type {
  Acknowledgement,
  Auth,
  Connack,
  Connect,
  Disconnect,
  Packet,
  Ping,
  Publish,
  Qos,
  Suback,
  Subscribe,
  Subscription,
  Unsuback,
  Unsubscribe,
  Will,
} from "./wire/packets.ts";
export { withPacketId, withTopic } from "./wire/patch.ts";
export {
  type BinaryId,
  type BinaryProperty,
  type NumberId,
  type NumberProperty,
  numberOf,
  type Property,
  propertyId,
  type TextId,
  type TextProperty,
  textOf,
  type UserProperty,
} from "./wire/properties.ts";
export { PublishScanner } from "./wire/publish-scanner.ts";
export { reason, returnCode } from "./wire/reasons.ts";
export type { Rejection } from "./wire/rejection.ts";
