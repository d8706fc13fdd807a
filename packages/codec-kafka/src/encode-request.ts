import { join } from "@echarde/core";
import { metadata } from "./generated/apis.ts";
import { MetadataRequest, MetadataRequestTopic } from "./generated/metadata-request.ts";
import { make } from "./plans/plans.ts";
import { writeRequest } from "./wire/frame.ts";

/** A Metadata request (version 9, correlation id 0) for these topics, as a client sends it: for `explain`. */
export function encodeMetadataRequest(topics: readonly string[]): Uint8Array {
  const body = make(MetadataRequest, {
    topics: topics.map((name) => make(MetadataRequestTopic, { name })),
  });
  return join(writeRequest(metadata, 9, "explain", body));
}
