/**
 * Responses that refuse a request which is not spoken: every field as the specification says it is when nobody
 * sets it, UNSUPPORTED_VERSION in the error code of the whole. Where that stands with items alone there is
 * no such response: an empty list of items would say that all is well.
 */
import { apiCaps } from "./api-list.ts";
import { type Field, intersect, isEmpty, rangeOf, type Spec, structsOf } from "./specs.ts";

const unsupportedVersion = 35;

/** Versions in a row that are refused in the same words. */
export interface RefusedVersions {
  /** Key of the API. */
  readonly key: number;
  /** First version. */
  readonly from: number;
  /** Last version. */
  readonly to: number;
  /** Whether the response's header has tags. */
  readonly flexible: boolean;
  /** What stands behind the header, hexadecimal. */
  readonly body: string;
}

/** All of them, by key. */
export function refusalsOf(messages: readonly Spec[]): RefusedVersions[] {
  const found: RefusedVersions[] = [];
  const responses = messages.filter(({ type }) => type === "response");
  for (const spec of responses.sort((a, b) => a.apiKey - b.apiKey)) {
    const cap = apiCaps.get(spec.name.replace(/Response$/, "")) ?? -1;
    const { from, to } = rangeOf(spec.validVersions);
    for (let version = Math.max(from, cap + 1); version <= to; version++) {
      const isSaid = spec.fields.some((field) => isErrorCode(field) && isIn(field, version));
      if (!isSaid) continue;
      const flexible = has(spec.flexibleVersions, version);
      const body = Buffer.concat(struct(spec.fields, spec, version)).toString("hex");
      const last = found.at(-1);
      const same = last?.key === spec.apiKey && last.body === body && last.flexible === flexible;
      if (same && last.to === version - 1) found[found.length - 1] = { ...last, to: version };
      else found.push({ key: spec.apiKey, from: version, to: version, flexible, body });
    }
  }
  return found;
}

function isErrorCode({ name, type, tag }: Field): boolean {
  return name === "ErrorCode" && type === "int16" && tag === undefined;
}

function isIn(field: Field, version: number): boolean {
  return has(field.versions, version);
}

function has(versions: string | undefined, version: number): boolean {
  return !isEmpty(intersect(rangeOf(versions), { from: version, to: version }));
}

/** Fields of the message itself, or (`inner`) of a struct in it. */
function struct(fields: readonly Field[], spec: Spec, version: number, inner = false): Buffer[] {
  const flexible = has(spec.flexibleVersions, version);
  const parts = fields
    .filter((field) => field.tag === undefined && isIn(field, version))
    .flatMap((field) => {
      if (!inner && isErrorCode(field)) return [number(2, unsupportedVersion)];
      return value(field, spec, version, flexible);
    });
  return flexible ? [...parts, number(1, 0)] : parts;
}

/** A field that nobody has set. */
function value(field: Field, spec: Spec, version: number, flexible: boolean): Buffer[] {
  const { type, default: given } = field;
  const isNull = given === "null" && has(field.nullableVersions, version);
  if (type.startsWith("[]")) return [length(isNull ? -1 : 0, flexible, 4)];
  const width = widths[type];
  if (width !== undefined) return [number(width, Number(given === "true" ? 1 : (given ?? 0)) || 0)];
  if (type === "string") return [length(isNull ? -1 : 0, flexible, 2)];
  if (type === "bytes" || type === "records") return [length(isNull ? -1 : 0, flexible, 4)];
  if (isNull) return [number(1, -1)];
  const set = struct(structsOf(spec).get(type) ?? [], spec, version, true);
  return has(field.nullableVersions, version) ? [number(1, 1), ...set] : set;
}

/** Of nothing (0) or null (-1). */
function length(count: number, flexible: boolean, width: number): Buffer {
  return flexible ? number(1, count + 1) : number(width, count);
}

/** Two's complement, big-endian. */
function number(width: number, value: number): Buffer {
  const bytes = Buffer.alloc(width, value < 0 ? 0xff : 0);
  const low = Math.min(width, 4);
  bytes.writeIntBE(value, width - low, low);
  return bytes;
}

const widths: Readonly<Record<string, number>> = {
  ...{ bool: 1, int8: 1, int16: 2, uint16: 2, int32: 4, int64: 8, uuid: 16, float64: 8 },
};
