/**
 * Kafka: a Produce is sent with `acks` of a value that there is not. A broker writes nothing then, and answers
 * every partition with INVALID_REQUIRED_ACKS. Other requests have nothing of the kind: their client is closed.
 */
import { decodeUtf8 } from "@echarde/core";
import { ruled } from "./source-rules.ts";
import type { StickyProfile } from "./sticky-profile.ts";

/** See the module. Requests are whole, their length in front. */
export const kafkaProfile: StickyProfile = {
  oneKey: [],
  // What names topics names them where the codec finds them; groups and producer ids live on the one cluster.
  passes: new Set([
    ...["ApiVersions", "CreatePartitions", "CreateTopics", "DeleteGroups", "DeleteRecords"],
    ...["DeleteTopics", "DescribeCluster", "DescribeGroups", "Fetch", "FindCoordinator"],
    ...["Heartbeat", "InitProducerId", "JoinGroup", "LeaveGroup", "ListGroups", "ListOffsets"],
    ...["Metadata", "OffsetCommit", "OffsetDelete", "OffsetFetch", "OffsetForLeaderEpoch"],
    ...["Produce", "SaslAuthenticate", "SaslHandshake", "SyncGroup"],
  ]),
  judges: "listed",
  uncheckable: (label, request) =>
    label === "OffsetFetch" && int16(request, versionAt) >= offsetFetchOfGroups
      ? "OffsetFetch: its topics are not looked at in this version"
      : "",
  refusal: (_words, request) => {
    if (int16(request, keyAt) !== produce) return null;
    const at = acksAt(request);
    if (at < 0 || int16(request, at) === 0) return null; // no reply is waited for
    const refused = request.slice();
    refused[at] = 0;
    refused[at + 1] = noSuchAcks;
    return refused;
  },
  source: (request, { clients }) => {
    const length = int16(request, clientIdAt);
    if (length < 0) return "";
    const from = clientIdAt + 2;
    return ruled(clients, decodeUtf8(request.subarray(from, from + length)));
  },
};

/** Where the `acks` of a Produce stand, -1 = in no place that we know. */
function acksAt(request: Uint8Array): number {
  const version = int16(request, versionAt);
  let at = clientIdAt + 2 + Math.max(0, int16(request, clientIdAt));
  if (version >= flexibleProduce) {
    if (request[at] !== 0) return -1; // tagged fields of a head: none is known
    at += 1;
    const length = request[at] ?? 0;
    if (length > 127) return -1;
    at += 1 + Math.max(0, length - 1);
  } else if (version >= transactionalProduce) at += 2 + Math.max(0, int16(request, at));
  return at + 2 <= request.length ? at : -1;
}

function int16(bytes: Uint8Array, at: number): number {
  return (((bytes[at] ?? 0) << 24) >> 16) | (bytes[at + 1] ?? 0);
}

const keyAt = 4;
const versionAt = 6;
const clientIdAt = 12;
const produce = 0;
const transactionalProduce = 3;
const flexibleProduce = 9;
const offsetFetchOfGroups = 8;
/** Neither -1, 0 nor 1. */
const noSuchAcks = 2;
