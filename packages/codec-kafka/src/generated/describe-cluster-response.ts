// Written by scripts/generate-codec.ts from Apache Kafka's message specifications: do not edit.
// DescribeClusterResponse, key 60, versions 0 to 1.
import { noTags, type Reader, type UnknownTag } from "../wire/reader.ts";
import { noKnown, type Writer } from "../wire/writer.ts";

/** See the specification. */
export class DescribeClusterBroker {
  brokerId: number = 0;
  host: string = "";
  port: number = 0;
  rack: string | null = null;
  unknown: readonly UnknownTag[] = noTags;
}

/** Reads one at the reader. */
export function readDescribeClusterBroker(r: Reader, _v: number): DescribeClusterBroker {
  const m = new DescribeClusterBroker();
  m.brokerId = r.int32();
  m.host = r.string(true);
  m.port = r.int32();
  m.rack = r.nullableString(true);
  m.unknown = r.tags(null);
  return m;
}

/** Writes one. */
export function writeDescribeClusterBroker(w: Writer, m: DescribeClusterBroker, _v: number): void {
  w.int32(m.brokerId);
  w.string(m.host, true);
  w.int32(m.port);
  w.string(m.rack, true);
  w.tags(noKnown, m.unknown);
}

/** See the specification. */
export class DescribeClusterResponse {
  throttleTimeMs: number = 0;
  errorCode: number = 0;
  errorMessage: string | null = null;
  endpointType: number = 1;
  clusterId: string = "";
  controllerId: number = -1;
  brokers: readonly DescribeClusterBroker[] = [];
  clusterAuthorizedOperations: number = -2147483648;
  unknown: readonly UnknownTag[] = noTags;
}

/** Reads one at the reader. */
export function readDescribeClusterResponse(r: Reader, v: number): DescribeClusterResponse {
  const m = new DescribeClusterResponse();
  m.throttleTimeMs = r.int32();
  m.errorCode = r.int16();
  m.errorMessage = r.nullableString(true);
  if (v >= 1) m.endpointType = r.int8();
  m.clusterId = r.string(true);
  m.controllerId = r.int32();
  m.brokers = r.array(true, readDescribeClusterBroker, v);
  m.clusterAuthorizedOperations = r.int32();
  m.unknown = r.tags(null);
  return m;
}

/** Writes one. */
export function writeDescribeClusterResponse(w: Writer, m: DescribeClusterResponse, v: number): void {
  w.int32(m.throttleTimeMs);
  w.int16(m.errorCode);
  w.string(m.errorMessage, true);
  if (v >= 1) w.int8(m.endpointType);
  w.string(m.clusterId, true);
  w.int32(m.controllerId);
  w.array(m.brokers, true, writeDescribeClusterBroker, v);
  w.int32(m.clusterAuthorizedOperations);
  w.tags(noKnown, m.unknown);
}
