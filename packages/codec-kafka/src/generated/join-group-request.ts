// Written by scripts/generate-codec.ts from Apache Kafka's message specifications: do not edit.
// JoinGroupRequest, key 11, versions 0 to 9.
import { noTags, type Reader, type UnknownTag } from "../wire/reader.ts";
import { noKnown, type Writer } from "../wire/writer.ts";

/** See the specification. */
export class JoinGroupRequestProtocol {
  name: string = "";
  metadata: Uint8Array = new Uint8Array(0);
  unknown: readonly UnknownTag[] = noTags;
}

/** Reads one at the reader. */
export function readJoinGroupRequestProtocol(r: Reader, v: number): JoinGroupRequestProtocol {
  const m = new JoinGroupRequestProtocol();
  m.name = r.string(v >= 6);
  m.metadata = r.bytes(v >= 6);
  if (v >= 6) m.unknown = r.tags(null);
  return m;
}

/** Writes one. */
export function writeJoinGroupRequestProtocol(w: Writer, m: JoinGroupRequestProtocol, v: number): void {
  w.string(m.name, v >= 6);
  w.bytes(m.metadata, v >= 6);
  if (v >= 6) w.tags(noKnown, m.unknown);
}

/** See the specification. */
export class JoinGroupRequest {
  groupId: string = "";
  sessionTimeoutMs: number = 0;
  rebalanceTimeoutMs: number = -1;
  memberId: string = "";
  groupInstanceId: string | null = null;
  protocolType: string = "";
  protocols: readonly JoinGroupRequestProtocol[] = [];
  reason: string | null = null;
  unknown: readonly UnknownTag[] = noTags;
}

/** Reads one at the reader. */
export function readJoinGroupRequest(r: Reader, v: number): JoinGroupRequest {
  const m = new JoinGroupRequest();
  m.groupId = r.string(v >= 6);
  m.sessionTimeoutMs = r.int32();
  if (v >= 1) m.rebalanceTimeoutMs = r.int32();
  m.memberId = r.string(v >= 6);
  if (v >= 5) m.groupInstanceId = r.nullableString(v >= 6);
  m.protocolType = r.string(v >= 6);
  m.protocols = r.array(v >= 6, readJoinGroupRequestProtocol, v);
  if (v >= 8) m.reason = r.nullableString(v >= 6);
  if (v >= 6) m.unknown = r.tags(null);
  return m;
}

/** Writes one. */
export function writeJoinGroupRequest(w: Writer, m: JoinGroupRequest, v: number): void {
  w.string(m.groupId, v >= 6);
  w.int32(m.sessionTimeoutMs);
  if (v >= 1) w.int32(m.rebalanceTimeoutMs);
  w.string(m.memberId, v >= 6);
  if (v >= 5) w.string(m.groupInstanceId, v >= 6);
  w.string(m.protocolType, v >= 6);
  w.array(m.protocols, v >= 6, writeJoinGroupRequestProtocol, v);
  if (v >= 8) w.string(m.reason, v >= 6);
  if (v >= 6) w.tags(noKnown, m.unknown);
}
