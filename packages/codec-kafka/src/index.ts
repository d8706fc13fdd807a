/**
 * Kafka for Echarde: one address over several clusters, topics by routing table.
 *
 * @packageDocumentation
 */

export {
  describeRequest,
  type KafkaOwner,
  kafkaOwners,
  type RequestDescription,
  type RoutedName,
} from "./describe-request.ts";
export { encodeMetadataRequest } from "./encode-request.ts";
export { kafka } from "./kafka.ts";
export type { KafkaOptions } from "./options.ts";
