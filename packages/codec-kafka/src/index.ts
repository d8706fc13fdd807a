/**
 * Kafka for Echarde: one address over several clusters, topics by routing table.
 *
 * @packageDocumentation
 */

export { encodeMetadataRequest } from "./encode-request.ts";
export { kafka } from "./kafka.ts";
export type { KafkaOptions } from "./options.ts";
