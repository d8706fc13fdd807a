// Written by scripts/generate-codec.ts from Apache Kafka's message specifications: do not edit.
// ApiVersionsResponse, key 18, versions 0 to 4.
import { noTags, type Reader, type UnknownTag } from "../wire/reader.ts";
import { type KnownTag, noKnown, type Writer } from "../wire/writer.ts";

/** See the specification. */
export class ApiVersion {
  apiKey: number = 0;
  minVersion: number = 0;
  maxVersion: number = 0;
  unknown: readonly UnknownTag[] = noTags;
}

/** Reads one at the reader. */
export function readApiVersion(r: Reader, v: number): ApiVersion {
  const m = new ApiVersion();
  m.apiKey = r.int16();
  m.minVersion = r.int16();
  m.maxVersion = r.int16();
  if (v >= 3) m.unknown = r.tags(null);
  return m;
}

/** Writes one. */
export function writeApiVersion(w: Writer, m: ApiVersion, v: number): void {
  w.int16(m.apiKey);
  w.int16(m.minVersion);
  w.int16(m.maxVersion);
  if (v >= 3) w.tags(noKnown, m.unknown);
}

/** See the specification. */
export class SupportedFeatureKey {
  name: string = "";
  minVersion: number = 0;
  maxVersion: number = 0;
  unknown: readonly UnknownTag[] = noTags;
}

/** Reads one at the reader. */
export function readSupportedFeatureKey(r: Reader, v: number): SupportedFeatureKey {
  const m = new SupportedFeatureKey();
  if (v >= 3) m.name = r.string(v >= 3);
  if (v >= 3) m.minVersion = r.int16();
  if (v >= 3) m.maxVersion = r.int16();
  if (v >= 3) m.unknown = r.tags(null);
  return m;
}

/** Writes one. */
export function writeSupportedFeatureKey(w: Writer, m: SupportedFeatureKey, v: number): void {
  if (v >= 3) w.string(m.name, v >= 3);
  if (v >= 3) w.int16(m.minVersion);
  if (v >= 3) w.int16(m.maxVersion);
  if (v >= 3) w.tags(noKnown, m.unknown);
}

/** See the specification. */
export class FinalizedFeatureKey {
  name: string = "";
  maxVersionLevel: number = 0;
  minVersionLevel: number = 0;
  unknown: readonly UnknownTag[] = noTags;
}

/** Reads one at the reader. */
export function readFinalizedFeatureKey(r: Reader, v: number): FinalizedFeatureKey {
  const m = new FinalizedFeatureKey();
  if (v >= 3) m.name = r.string(v >= 3);
  if (v >= 3) m.maxVersionLevel = r.int16();
  if (v >= 3) m.minVersionLevel = r.int16();
  if (v >= 3) m.unknown = r.tags(null);
  return m;
}

/** Writes one. */
export function writeFinalizedFeatureKey(w: Writer, m: FinalizedFeatureKey, v: number): void {
  if (v >= 3) w.string(m.name, v >= 3);
  if (v >= 3) w.int16(m.maxVersionLevel);
  if (v >= 3) w.int16(m.minVersionLevel);
  if (v >= 3) w.tags(noKnown, m.unknown);
}

/** See the specification. */
export class ApiVersionsResponse {
  errorCode: number = 0;
  apiKeys: readonly ApiVersion[] = [];
  throttleTimeMs: number = 0;
  supportedFeatures: readonly SupportedFeatureKey[] = [];
  finalizedFeaturesEpoch: bigint = -1n;
  finalizedFeatures: readonly FinalizedFeatureKey[] = [];
  zkMigrationReady: boolean = false;
  unknown: readonly UnknownTag[] = noTags;
}

/** Reads one at the reader. */
export function readApiVersionsResponse(r: Reader, v: number): ApiVersionsResponse {
  const m = new ApiVersionsResponse();
  m.errorCode = r.int16();
  m.apiKeys = r.array(v >= 3, readApiVersion, v);
  if (v >= 1) m.throttleTimeMs = r.int32();
  if (v >= 3) {
    m.unknown = r.tags((tag) => {
      if (tag === 0) m.supportedFeatures = r.array(true, readSupportedFeatureKey, v);
      if (tag === 1) m.finalizedFeaturesEpoch = r.int64();
      if (tag === 2) m.finalizedFeatures = r.array(true, readFinalizedFeatureKey, v);
      if (tag === 3) m.zkMigrationReady = r.bool();
      return tag === 0 || tag === 1 || tag === 2 || tag === 3;
    });
  }
  return m;
}

/** Writes one. */
export function writeApiVersionsResponse(w: Writer, m: ApiVersionsResponse, v: number): void {
  w.int16(m.errorCode);
  w.array(m.apiKeys, v >= 3, writeApiVersion, v);
  if (v >= 1) w.int32(m.throttleTimeMs);
  if (v >= 3) {
    const known: KnownTag[] = [];
    if (m.supportedFeatures.length !== 0) known.push({ tag: 0, write: (w) => w.array(m.supportedFeatures, true, writeSupportedFeatureKey, v) });
    if (m.finalizedFeaturesEpoch !== -1n) known.push({ tag: 1, write: (w) => w.int64(m.finalizedFeaturesEpoch) });
    if (m.finalizedFeatures.length !== 0) known.push({ tag: 2, write: (w) => w.array(m.finalizedFeatures, true, writeFinalizedFeatureKey, v) });
    if (m.zkMigrationReady !== false) known.push({ tag: 3, write: (w) => w.bool(m.zkMigrationReady) });
    w.tags(known, m.unknown);
  }
}
